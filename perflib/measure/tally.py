"""One row of numbers that belong together, with the trail of the rows that they were counted in."""

import pandas as pd


def tally(frame: pd.DataFrame, **values) -> pd.DataFrame:
    """One row of `values` found in `frame`: its trail (`attrs`) and the number of its `rows` go with them.

    None is a value that there is none of; `reason` says why. What a sentence prints must come in a frame, and this
    makes one of what was counted in a cell.

    >>> import perflib as pf
    >>> projects = pf.load("sample").rows("projects", year=2023)
    >>> pf.tally(projects, new=int(projects["is_new"].sum())).columns.tolist()
    ['new', 'rows']
    """
    return like(pd.DataFrame([{**values, "rows": len(frame)}]), frame)


def like(frame: pd.DataFrame, source: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the trail (`attrs`) of the rows that it was made of."""
    frame.attrs = dict(source.attrs)
    return frame
