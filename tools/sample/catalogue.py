"""The table `catalogue`: what each class, policy and project owes in each year."""

import pandas as pd

from tools.sample.evaluations import KEY, POLICY_OF
from tools.sample.vocabulary import HOME, YEARS, policies

DUTIES = ["targets", "monitoring", "self_evaluation", "spot_check", "key_evaluation"]
CLASSES = {
    "personnel": [False, False, False, False, False],
    "public": [False, True, False, False, False],
    "specific": [True, True, True, True, False],
}
EXEMPT = [True, True, False, False, False]


def make_catalogue(budgets: pd.DataFrame) -> pd.DataFrame:
    """One row per year, scope and item, as in the table `catalogue`."""
    parts = [_by_class(), _by_policy(), _exempt(budgets)]
    frame = pd.concat(parts, ignore_index=True).assign(district=HOME)
    columns = ["district", "year", "scope", "item", *DUTIES]
    return frame[columns].sort_values(columns[:4], ignore_index=True)


def _by_class() -> pd.DataFrame:
    rows = [(year, "class", name, *duties) for year in YEARS for name, duties in CLASSES.items()]
    return pd.DataFrame(rows, columns=["year", "scope", "item", *DUTIES])


def _by_policy() -> pd.DataFrame:
    """Policies open to key evaluation: those of the year's theme or of much money, and those evaluated."""
    menu = policies()
    rows = []
    for place, year in enumerate(YEARS):
        chosen = {POLICY_OF.get(p, p) for p in KEY.get(year, [])}
        theme = ["城市建设", "社会民生", "公共安全", "科技创新", "教育卫生"][place]
        open_ = menu["policy"].isin(chosen) | (menu["theme"] == theme) | (menu["weight"] >= 2.6)
        rows += [
            (year, "policy", p, True, True, True, True, bool(o))
            for p, o in zip(menu["policy"], open_, strict=True)
        ]
    return pd.DataFrame(rows, columns=["year", "scope", "item", *DUTIES])


def _exempt(budgets: pd.DataFrame) -> pd.DataFrame:
    """Specific projects released by name: cancelled during the year, or finished early."""
    rows = budgets[(budgets["class"] == "specific") & ~budgets["owes"]]
    frame = rows[["year"]].assign(scope="project", item=rows["project"])
    return frame.assign(**dict(zip(DUTIES, EXEMPT, strict=True)))
