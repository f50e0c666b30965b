"""Whether codes were spoilt on their way through a spreadsheet: leading zeros lost."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.stack import Stack


def check_codes(stack: Stack) -> pd.DataFrame:
    """Codes of one column that differ by leading zeros alone; those that lack them are told."""
    found = []
    for name in (n for n in stack.table.of_kind("code") if n in stack.frame):
        known = sorted((c for c in stack.frame[name].dropna().unique().tolist() if c.isdigit()), key=len)
        whole = {c.lstrip("0"): c for c in known}  # the longest form of each
        if len(whole) == len(known) and "" not in whole:
            continue  # each has one form
        codes = stack.frame[name].astype(object).to_numpy()
        at = np.flatnonzero([isinstance(c, str) and whole.get(c.lstrip("0"), c) != c for c in codes])
        expected = [whole[c.lstrip("0")] for c in codes[at]]
        found.append(
            stack.report("code_zeros", "warning", name, at, found=list(codes[at]), expected=expected)
        )
    return problems.join(found)
