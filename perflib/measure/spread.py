"""How the rates of projects are spread: who is below the line, who spent it all, and where the money stays."""

import pandas as pd

from perflib.measure.rates import check_rated
from perflib.measure.tally import check_columns, like


def spread_of_rates(rated: pd.DataFrame, *, line: float) -> pd.DataFrame:
    """One row on the spread of the projects' rates.

    `rated` is what `project_rates` gives. Columns: `defined` (projects with a rate), `undefined`, `full_share` of
    the defined at exactly 100 %, `reason_line` (`line`, a share), `below_line` and what those left
    (`below_line_unspent`), and `over_budget` (more spent than the adjusted budget). Amounts are compared in whole
    cents, since 0.9 × budget is not exact in binary. A share of nothing is NA, with the `reason` no_budget.

    >>> rated = pd.DataFrame({"project": ["a", "b"], "budget": [10.0, 10.0], "executed": [9.0, 10.0], "rate": [0.9, 1.0],
    ...                       "adjusted_budget": [10.0, 10.0]})
    >>> spread_of_rates(rated, line=0.9)[["defined", "full_share", "below_line"]].iloc[0].tolist()
    [2.0, 0.5, 0.0]
    """
    check_rated(rated)
    known = rated[rated["rate"].notna()]
    executed, budget = (known[c].mul(100).round().astype("int64") for c in ("executed", "budget"))
    is_below = executed * 1000 < budget * round(line * 1000)
    left = (known["budget"] - known["executed"])[is_below].sum().round(2)
    found = {
        "projects": len(rated),
        "defined": len(known),
        "undefined": len(rated) - len(known),
        "full_share": (executed == budget).mean() if len(known) else None,
        "reason_line": line,
        "below_line": int(is_below.sum()),
        "below_line_unspent": left,
        "over_budget": len(over_budget(rated)),
        "reason": None if len(known) else "no_budget",
    }
    return like(pd.DataFrame([found]), rated)


def unspent_money(rated: pd.DataFrame, *, largest: int = 10) -> pd.DataFrame:
    """The `largest` projects by `unspent` money (budget − executed), with their `share` of all that is unspent.

    `share` is NA where nothing is left; over-spent projects count as zero in it.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> len(pf.unspent(pf.project_rates(rows, base="adjusted"), largest=3))
    3
    """
    check_rated(rated)
    rows = rated[rated["rate"].notna()].assign(unspent=lambda t: (t["budget"] - t["executed"]).round(2))
    total = rows["unspent"].clip(lower=0).sum()
    rows = rows.assign(share=rows["unspent"].clip(lower=0) / total if total else None)
    return like(rows.sort_values(["unspent", "project"], ascending=[False, True]).head(largest), rated)


def over_budget(rated: pd.DataFrame) -> pd.DataFrame:
    """The projects that spent more than their adjusted budget, by `excess`, largest first.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> bool((pf.over_budget(pf.project_rates(rows, base="adjusted"))["excess"] > 0).all())
    True
    """
    check_columns(rated, ["project", "executed", "adjusted_budget"])
    above = rated[rated["executed"].round(2) > rated["adjusted_budget"].round(2)]
    table = above.assign(excess=above["executed"] - above["adjusted_budget"])
    return table.sort_values(["excess", "project"], ascending=[False, True])


def head_of(projects: pd.DataFrame) -> str:
    """Column of the heads that are compared: departments, or units where all belong to one department.

    >>> import perflib as pf
    >>> rows = pf.load("sample").rows("projects", year=2023)
    >>> pf.head_of(rows)
    'department'
    """
    check_columns(projects, ["department", "unit"])
    is_one = projects["department"].nunique() <= 1
    return "unit" if is_one and projects["unit"].nunique() > 1 else "department"
