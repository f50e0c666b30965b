"""What a forecast is made for: budget lines (policy × category of a district) or projects; oddities of their months."""

from collections.abc import Mapping, Sequence

import pandas as pd

from perflib.measure.money import sum_amounts
from perflib.measure.progress import mark_months

UNKNOWN, RARE = "—", "other_types"
ABOUT = ("department", "policy", "category", "function")
KEYS = {"lines": ["district", "line", "type"], "projects": ["district", "project"]}
# What outlives a change of key: a function of the district under another department's or policy's code,
# a project's code under another district.
FAMILIES = {"lines": ["district", "function", "type"], "projects": ["project"]}
# Whose totals tell how this year differs from the last, from the nearest to the widest.
PEERS = {
    "lines": [["district", "type"], ["is_district", "function", "type"], ["is_district", "type"]],
    "projects": [["line", "type"], ["district"], ["is_district", "type"]],
}
# Single projects come in kinds of a handful, which teach nothing by themselves.
SMALLEST_KIND = {"lines": 0, "projects": 30}
LABELS = {"lines": ["is_district", "kind"], "projects": ["is_district", "kind", "type"]}


def monitored_rows(tables: Mapping[str, pd.DataFrame], *, smallest_kind: int = 0) -> pd.DataFrame:
    """Rows of `progress` with what they belong to, none lost: `line, function, type, is_district, kind, about`.

    `tables` holds `progress` and `projects`, perhaps `districts` (column `kind`) and `lineage`. `line` is the
    policy, or the department where a project has none, under its latest name; `type` is the category, `kind`
    the same with districts apart from other bodies, as they spend differently ("district / …", "other / …");
    a kind with fewer than `smallest_kind` projects in a mean year joins "other_types". `about` tells how a row found
    its project: "same" year, "other" (the nearest year that has it) or "none": such a row is a line of its
    own. Without authorised or committed amounts these are NA.
    """
    progress = tables["progress"]
    rows = progress.merge(_about(tables["projects"], progress), on=["district", "year", "project"], how="left",
                          validate="many_to_one")  # fmt: skip
    rows = rows.assign(about=rows["about"].fillna("none"))
    names = latest_names(tables.get("lineage"))
    department = rows["department"].map(lambda name: names.get(name, name), na_action="ignore")
    line = rows["policy"].fillna(department.astype("str")).fillna(rows["project"]).astype("str")
    is_district = rows["district"].isin(_districts(tables.get("districts")))
    category = rows["category"].fillna(UNKNOWN).astype("str")
    place = is_district.map({True: "district", False: "other"}) + " / "
    missing = {c: float("nan") for c in ("authorised", "committed") if c not in rows}
    return rows.drop(columns=list(ABOUT)).assign(
        line=line,
        function=rows["function"].fillna(line).astype("str"),
        type=category,
        is_district=is_district,
        kind=place + category.where(_is_common(rows, place + category, smallest_kind), RARE),
        **missing,
    )


def _is_common(rows: pd.DataFrame, kinds: pd.Series, smallest: int) -> pd.Series:
    units = rows[["district", "year", "project"]].assign(kind=kinds).drop_duplicates()
    return kinds.map(units["kind"].value_counts() / rows["year"].nunique()) >= smallest


def _about(projects: pd.DataFrame, progress: pd.DataFrame) -> pd.DataFrame:
    """One row per district, year and project of `progress` that some year of `projects` knows."""
    ids = ["district", "year", "project"]
    known = projects.reindex(columns=[*ids, *ABOUT]).drop_duplicates(ids)
    known = known.astype({name: "str" for name in ABOUT})  # a column without any value would be numbers
    wanted = progress[ids].drop_duplicates()
    same = wanted.merge(known, on=ids, how="left", indicator=True)
    orphans = same.loc[same["_merge"] == "left_only", ids]
    found = same[same["_merge"] == "both"].drop(columns="_merge").assign(about="same")
    others = orphans.merge(known, on=["district", "project"], suffixes=("", "_of"))
    others = others.assign(away=(others["year"] - others["year_of"]).abs())
    # The earlier of two years that are as near: what came later is not known at the time.
    others = others.sort_values(["away", "year_of"], kind="stable").drop_duplicates(ids)
    return pd.concat([found, others[[*ids, *ABOUT]].assign(about="other")], ignore_index=True)


def latest_names(lineage: pd.DataFrame | None) -> dict[str, str]:
    """Former name → latest name of departments that were renamed whole, along the chain of renamings."""
    if lineage is None or lineage.empty:
        return {}
    whole = lineage[(lineage["subject_kind"] == "department") & (lineage["share"] == 1)]
    following = dict(zip(*(whole.sort_values("year")[c].astype("str") for c in ("from", "to")), strict=True))
    return {name: _last(name, following) for name in following}


def _last(name: str, following: dict[str, str]) -> str:
    seen = {name}  # a name that was given back makes a circle: it ends where it began
    while name in following and following[name] not in seen:
        name = following[name]
        seen.add(name)
    return name


def _districts(table: pd.DataFrame | None) -> set[str]:
    if table is None or "kind" not in table:
        return set()
    return set(table.loc[table["kind"] == "district", "district"])


def count_oddities(rows: pd.DataFrame, *, keys: Sequence[str], years: Sequence[int]) -> pd.DataFrame:
    """One row per year of `years`: how many of its units (`keys`) show what, and which months the data lacks.

    `rows` come from `monitored_rows`. `months_missing` names the months, `units`; units with a `gap` between
    their months that the whole year does not have, a `restated` budget, spending taken back (`falling`),
    a budget that became 0 (`zeroed`); rows whose project the year's projects lack (`unlisted`), and how many of
    these another year knows (`lent`).
    """
    part = rows[rows["year"].isin(list(years))]
    sums = sum_amounts(part, ["adjusted_budget", "executed"], by=["year", "month", *keys])
    marked = mark_months(sums, keys=["year", *keys])
    there = {int(y): sorted(int(m) for m in own["month"].unique()) for y, own in part.groupby("year")}
    seen = {y: pd.Series(range(len(months)), index=months) for y, months in there.items()}
    place = pd.concat(seen).reindex(pd.MultiIndex.from_frame(marked[["year", "month"]]))
    at = pd.Series(place.to_numpy(), marked.index)
    since = at - at.groupby([marked[k] for k in ["year", *keys]]).shift()
    marks = {
        "gap": since > 1,
        "restated": marked["is_budget_restated"],
        "falling": marked["is_executed_falling"],
        "zeroed": marked["is_budget_zero"],
    }
    by_unit = marked[["year", *keys]].assign(**marks).groupby(["year", *keys], as_index=False)
    by_unit = by_unit[list(marks)].any()
    table = by_unit.assign(units=1).groupby("year")[["units", *marks]].sum()
    projects = part.drop_duplicates(["district", "year", "project"])
    about = projects["about"].groupby(projects["year"])
    lacking = {y: ", ".join(str(m) for m in range(1, 13) if m not in have) for y, have in there.items()}
    return table.assign(
        months_missing=pd.Series(lacking).replace("", "—"),
        unlisted=about.agg(lambda a: int((a != "same").sum())),
        lent=about.agg(lambda a: int((a == "other").sum())),
    ).reset_index()[["year", "months_missing", "units", *marks, "unlisted", "lent"]]
