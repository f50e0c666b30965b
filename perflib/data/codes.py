"""Whether codes were spoilt on their way through a spreadsheet: leading zeros lost."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.stack import Stack


def check_codes(stack: Stack) -> pd.DataFrame:
    """Codes of one column that differ by leading zeros alone; those that lack them are told."""
    found = []
    for name in (n for n in stack.table.of_kind("code") if n in stack.frame):
        codes = stack.frame[name].astype(object).to_numpy()
        known = sorted((c for c in pd.unique(codes) if isinstance(c, str) and c.isdigit()), key=len)
        whole = {c.lstrip("0"): c for c in known}  # the longest form of each
        at = np.flatnonzero([isinstance(c, str) and whole.get(c.lstrip("0"), c) != c for c in codes])
        expected = [whole[c.lstrip("0")] for c in codes[at]]
        found.append(
            stack.report("code_zeros", "warning", name, at, found=list(codes[at]), expected=expected)
        )
    return problems.join(found)
