"""One programme in many districts: its money, its outputs and what the served say, district by district."""

import numpy as np
import pandas as pd

from perflib.measure.money import sum_amounts

SHARED_BY = ("policy", "function", "category")
"""What may make one programme of several districts' projects; the first that districts share counts."""
KEYS = ["programme", "district", "year"]
# Units of shares and of money: a share can't be bought by the piece, and money is what an output costs.
_NO_COUNTS = ("%", "‰", "％", "ratio", "porcentaje", "百分", "per cent", "percent", "euro", "eur", "元", "分")
_SATISFIED = ("满意", "satisf")


def name_programmes(projects: pd.DataFrame, *, by: str = "") -> pd.DataFrame:
    """`projects` with `programme` and `programme_name`; NA for what belongs to none.

    `by` is the column that makes a programme; empty: the first of policy, function and category a value of
    which stands in two districts or more. A code is named by the unit of most of its projects of the last year.
    """
    shared = [c for c in SHARED_BY if c in projects and projects.groupby(c)["district"].nunique().max() > 1]
    column = by or next(iter(shared), "")
    if not column:
        return projects.assign(programme=pd.NA, programme_name=pd.NA)
    table = projects.assign(programme=projects[column])
    names = table["programme"]
    if column == "function" and "unit" in projects:
        names = table["programme"].map(_usual_names(table)).fillna(table["programme"])
    return table.assign(programme_name=names)


def _usual_names(table: pd.DataFrame) -> pd.Series:
    counts = table.groupby(["programme", "year", "unit"]).size().rename("n").reset_index()
    order = counts.sort_values(["programme", "year", "n", "unit"], ascending=[True, False, False, True])
    return order.drop_duplicates("programme").set_index("programme")["unit"]


def programme_money(projects: pd.DataFrame) -> pd.DataFrame:
    """One row per programme, district and year: initial and adjusted budget, `executed`, `rate`, `projects`.

    `projects` is what `name_programmes` gives. `rate` is executed / adjusted budget, NA where that is 0.
    """
    rows = projects[projects["programme"].notna()]
    amounts = [c for c in ("initial_budget", "adjusted_budget", "executed") if c in rows]
    table = sum_amounts(rows, amounts, by=KEYS).reindex(
        columns=[*KEYS, "initial_budget", "adjusted_budget", "executed"]
    )
    counts = rows.groupby(KEYS).size().rename("projects").reset_index()
    budget = table["adjusted_budget"].where(table["adjusted_budget"] > 0)
    return table.assign(rate=table["executed"] / budget).merge(counts, on=KEYS, validate="one_to_one")


def programme_indicators(indicators: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """The yearly indicators of programmes: `programme`, `district`, `year`, `output`, `unit`, `target`, `actual`, `kind`.

    `projects` is what `name_programmes` gives: an indicator of a policy or project belongs to the programme of its
    projects. `output` is the name in capitals without outer blanks; of another unit it is another output, and its
    own row. `kind` is "output" (a number of things done: a quantity, where levels are told), "satisfaction"
    (in per cent or points) or "other". Outputs of several subjects of a district (two projects, say) are added
    up; one that a subject tells twice with the same numbers counts once. Others are averaged.
    """
    rows = indicators[indicators["month"].fillna(12) == 12] if "month" in indicators else indicators
    linked = _linked(rows, projects)
    linked = linked.assign(output=linked["name"].astype(str).str.strip().str.upper(), kind=_kinds(linked))
    unit = linked["unit"] if "unit" in linked else pd.Series("", linked.index)
    linked["unit"] = unit.fillna("").astype(str).str.strip()
    keys = [*KEYS, "output", "kind", "unit"]
    linked = linked.drop_duplicates([*keys, "subject", "target", "actual"])
    groups = linked.groupby(keys)[["target", "actual"]]
    added, mean = groups.sum(min_count=1), groups.mean()
    is_output = added.index.get_level_values("kind") == "output"
    return added.where(np.column_stack([is_output, is_output]), mean).reset_index()


def _linked(rows: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Rows with the programme of the policy or project that they are about; others are left out.

    What a policy as a whole tells counts before what its projects tell: theirs are left out beside it.
    """
    kind = rows["subject_kind"].fillna("project") if "subject_kind" in rows else "project"
    rows = rows.assign(subject_kind=kind)
    maps = []
    for what, column in (("project", "project"), ("policy", "policy")):
        if column in projects:
            keys = projects[["district", "year", column, "programme"]].dropna().drop_duplicates()
            keys = keys.drop_duplicates(["district", "year", column])
            maps.append(keys.rename(columns={column: "subject"}).assign(subject_kind=what))
    named = pd.concat(maps, ignore_index=True)
    table = rows.merge(named, on=["district", "year", "subject_kind", "subject"], validate="many_to_one")
    whole = table["subject_kind"].eq("policy").groupby([table[k] for k in KEYS]).transform("any")
    return table[table["subject_kind"].eq("policy") | ~whole.astype(bool)].reset_index(drop=True)


def _kinds(rows: pd.DataFrame) -> np.ndarray:
    unit = rows.get("unit", pd.Series("", rows.index)).fillna("").astype("str").str.strip().str.lower()
    is_count = unit.ne("") & ~unit.str.contains("|".join(_NO_COUNTS), regex=True)
    told = (
        (rows.get("level1", pd.Series("", rows.index)).fillna("") + rows["name"].fillna(""))
        .astype("str")
        .str.lower()
    )
    satisfied = told.str.contains("|".join(_SATISFIED), regex=True) & ~is_count
    second = rows.get("level2", pd.Series(pd.NA, rows.index))
    quantity = second.isna() | second.eq("数量").fillna(False)
    at_least = ~rows.get("direction", pd.Series("at_least", rows.index)).isin(["at_most", "qualitative"])
    return np.select([satisfied, is_count & quantity & at_least], ["satisfaction", "output"], default="other")


def unit_costs(outputs: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Money per unit of each output: `outputs` of kind "output" with `executed`, `reached` and `unit_cost`.

    One row per programme, district, year and output. `reached` = actual / target; `unit_cost` = executed of
    the whole programme / actual: what the programme cost for each of these things, never what a thing costs
    by itself. `reason`: `unit_differs` (another unit than most districts use for the name), `not_reported` (no
    actual), `zero_output`, `no_money` (nothing executed). Outputs of different names or units are never
    added up.
    """
    rows = outputs[outputs["kind"] == "output"]
    table = rows.merge(money[[*KEYS, "executed"]], on=KEYS, how="left", validate="many_to_one")
    usual = _usual_unit(table)
    reasons = {
        "unit_differs": table["unit"] != usual,
        "not_reported": table["actual"].isna(),
        "zero_output": table["actual"] <= 0,
        "no_money": ~(table["executed"] > 0),
    }
    found = np.select([m.to_numpy() for m in reasons.values()], list(reasons), default="")
    table["reason"] = pd.Series(found, table.index, dtype=object).replace("", None)
    target = table["target"].where(table["target"] > 0)
    table["reached"] = table["actual"] / target
    table["unit_cost"] = (table["executed"] / table["actual"]).where(table["reason"].isna())
    return table


def _usual_unit(rows: pd.DataFrame) -> pd.Series:
    """The unit that most districts give to the output, over all years; the first of equals."""
    counts = rows.groupby(["programme", "output", "unit"]).size()
    order = (
        counts.rename("n")
        .reset_index()
        .sort_values(["programme", "output", "n", "unit"], ascending=[True, True, False, True])
    )
    usual = order.drop_duplicates(["programme", "output"])[["programme", "output", "unit"]]
    return rows[["programme", "output"]].merge(usual, how="left")["unit"].set_axis(rows.index)


def common_outputs(costs: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The outputs of each programme that can be compared: `programme`, `output`, `unit`, `districts`, widest first.

    Those with a unit cost in `year` in at least two districts and in half of those of the programme; at most four a
    programme. `costs` is what `unit_costs` gives.
    """
    now = costs[(costs["year"] == year) & costs["unit_cost"].notna()]
    counts = now.groupby(["programme", "output"]).agg(
        unit=("unit", "first"), districts=("district", "nunique")
    )
    table = counts.reset_index()
    there = costs[costs["year"] == year].groupby("programme")["district"].nunique()
    half = 0.5 * table["programme"].map(there).astype("float64")
    enough = table["districts"] >= np.maximum(2, half)
    order = ["programme", "districts", "output"]
    table = table[enough].sort_values(order, ascending=[True, False, True])
    return table.groupby("programme").head(4).reset_index(drop=True)


def pair_levels(evaluations: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """The scores of one programme by the district and by the city: one row per programme, district and year.

    `evaluations` of finance, of policies and projects; the mean of the last rounds where there are several. Columns
    `district_score`, `city_score`, `difference` (district less city) and `reason`: `no_city_score`,
    `no_district_score`, or NA.
    """
    from perflib.measure.reviews import city_evaluations, own_evaluations
    from perflib.measure.self_evaluation import latest_rounds

    rows = _linked(evaluations[evaluations["kind"] == "finance"].assign(name=""), projects)
    rows = rows[rows["score"].notna()]
    parts = {}
    for name, chosen in (("district_score", own_evaluations(rows)), ("city_score", city_evaluations(rows))):
        last = latest_rounds(chosen) if len(chosen) else chosen
        parts[name] = last.groupby(KEYS)["score"].mean()
    table = pd.DataFrame(parts).reset_index() if any(len(p) for p in parts.values()) else pd.DataFrame(
        columns=[*KEYS, *parts])  # fmt: skip
    tests = [table["city_score"].isna(), table["district_score"].isna()]
    reason = np.select(tests, ["no_city_score", "no_district_score"], default="")
    table["difference"] = table["district_score"].astype(float) - table["city_score"].astype(float)
    return table.assign(reason=pd.Series(reason, table.index, dtype=object).replace("", None))
