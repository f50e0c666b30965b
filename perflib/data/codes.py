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
        known = sorted(values.unique().tolist(), key=len)
        for rule, forms in (
            ("code_zeros", {c: c.lstrip("0") for c in known if c.isdigit()}),
            ("code_alike", {c: c.translate(DASHES).casefold() for c in known if not c.isdigit()}),
        ):
            if len(set(forms.values())) == len(forms) or "" in forms.values():
                continue  # each has one form
            times = values.value_counts() if rule == "code_alike" else {}
            usual = {forms[c]: c for c in sorted(forms, key=lambda c: (times.get(c, 0), len(c)))}
            codes = stack.frame[name].astype(object).to_numpy()
            at = np.flatnonzero([c in forms and usual[forms[c]] != c for c in codes])
            told = {"found": list(codes[at]), "expected": [usual[forms[c]] for c in codes[at]]}
            found.append(stack.report(rule, "warning", name, at, **told))
    return problems.join(found)
