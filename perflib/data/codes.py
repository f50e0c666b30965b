"""Whether codes were spoilt on their way through a spreadsheet or written in two ways."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.stack import Stack

DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣", "-"))


def check_codes(stack: Stack) -> pd.DataFrame:
    """Codes of one column that differ by leading zeros alone, or by case and kind of dash; the rarer are told."""
    found = []
    for name in (n for n in stack.table.of_kind("code") if n in stack.frame):
        values = stack.frame[name].dropna()
        known = np.array(sorted(values.unique().tolist(), key=len), dtype=object)
        is_number = pd.Series(known, dtype="str").str.isdigit().to_numpy(bool)
        digits, others = known[is_number].tolist(), known[~is_number].tolist()
        plain = "\0".join(others).translate(DASHES).casefold().split("\0")  # at once: codes are many
        for rule, mine, forms in (
            ("code_zeros", digits, [c.lstrip("0") for c in digits]), ("code_alike", others, plain)
        ):  # fmt: skip
            if len(set(forms)) == len(forms) or "" in forms:
                continue  # each has one form
            form = dict(zip(mine, forms, strict=True))
            times = values.value_counts() if rule == "code_alike" else {}
            usual = {form[c]: c for c in sorted(mine, key=lambda c: (times.get(c, 0), len(c)))}
            codes = stack.frame[name].astype(object).to_numpy()
            at = np.flatnonzero([c in form and usual[form[c]] != c for c in codes])
            told = {"found": list(codes[at]), "expected": [usual[form[c]] for c in codes[at]]}
            found.append(stack.report(rule, "warning", name, at, **told))
    return problems.join(found)
