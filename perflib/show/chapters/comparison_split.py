"""Why a district differs from all together: what it funds, or how well it executes each kind."""

import pandas as pd

from perflib.infer.decomposition import category_contributions, decompose_levels
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import CLUSTER, Scope, added
from perflib.show.facts import round_to_sum
from perflib.show.labels import column

KINDS = (["class"], ["category"], ["theme"], ["class", "function"], ["function"])
MOST_CELLS = 3_000_000  # cells: clusters × districts × categories held at once


def add_split(chapter: Chapter, scope: Scope, ranked: pd.Series) -> pd.DataFrame | None:
    """Add the split into mix and rate at up to three levels of detail; the contributions for the figure come back.

    None, and a reason among the facts, where the projects are of one kind only. `ranked`: the districts with enough
    projects to stand at an end of a long table.
    """
    now = scope.now
    levels = detail_levels(now, chapter.lang)
    add = chapter.facts.add
    add("levels", len(levels), unit="count", table="split", rows=len(now), is_open=True)
    if not levels:
        for id in ("own_difference", "own_mix", "own_mix_lower", "own_mix_upper", "own_effect", "own_effect_lower",
                   "own_effect_upper"):  # fmt: skip
            add(id, None, unit="points", table="split", rows=0, reason="one_kind")
        for id in ("imputed_most", "mix_certain", "effect_certain"):
            add(id, None, unit="share", table="split", rows=0, reason="one_kind")
        return None
    tables = []
    for label, by in levels.items():
        rows = with_credit(added(now, list(dict.fromkeys(["district", *by, CLUSTER, scope.head]))), by)
        tables.append(decompose_levels(rows, levels={label: by}, cluster=scope.head))
    split = pd.concat(tables, ignore_index=True)
    split["district_name"] = split["district"].map(scope.names)
    _add_table(chapter, split, ranked)
    middle = list(levels)[min(1, len(levels) - 1)]
    _add_facts(chapter, scope, split[split["level"] == middle], middle)
    by = levels[middle]
    rows = with_credit(added(now, ["district", *by, scope.head]), by)
    return category_contributions(rows, by=by).assign(kind=lambda t: _kind_names(t, by, now, chapter.lang))


def detail_levels(now: pd.DataFrame, lang: str) -> dict[str, list[str]]:
    """Labels and columns of up to three levels of detail: the coarsest, a middle one, the finest.

    One kind alone is no level, nor are kinds of which a project may have none.
    """
    found: dict[str, tuple[int, list[str]]] = {}
    districts = now["district"].nunique()
    for by in KINDS:
        if not all(c in now and now[c].notna().mean() > 0.99 for c in by):
            continue
        kinds = len(now[by].drop_duplicates())
        if kinds > 1 and kinds * districts * 30 <= MOST_CELLS and kinds not in [k for k, _ in found.values()]:
            found[" × ".join(column(c).label(lang) for c in by)] = (kinds, by)
    order = sorted(found, key=lambda label: found[label][0])
    chosen = order if len(order) <= 3 else [order[0], order[len(order) // 2], order[-1]]
    return {label: found[label][1] for label in chosen}


def with_credit(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """`cells` without a credit of their own joined to the largest of their district and kind.

    Their spending was paid from it, and dropping it would break the sums. Where a district has no
    credit of the kind at all, the cells of its largest kind take them.
    """
    rows = cells.reset_index(drop=True)
    for keys in (["district", *by], ["district"]):
        bare = rows["budget"] <= 0
        if not bare.any():
            return rows
        largest = rows[~bare].sort_values("budget").groupby(keys, dropna=False).tail(1)
        home = largest.assign(_home=largest.index)[[*keys, "_home"]]
        moved = rows[bare].reset_index().merge(home, on=keys, how="inner").set_index("index")
        sums = moved.groupby("_home")[["executed", "budget"]].sum()
        rows.loc[sums.index, ["executed", "budget"]] += sums
        rows = rows.drop(index=moved.index).reset_index(drop=True)
    return rows


def _kind_names(table: pd.DataFrame, by: list[str], now: pd.DataFrame, lang: str) -> pd.Series:
    """Kinds in words; a code of a function that is one unit's bears that unit's name."""
    named = function_names(now)
    parts = [
        table[c].map(lambda v, c=c: named.get(v, v) if c == "function" else column(c).cell(v, lang))
        for c in by
    ]
    return parts[0] if len(parts) == 1 else parts[0] + " · " + parts[1]


def function_names(now: pd.DataFrame) -> dict[str, str]:
    """Code of a function to the unit that carries it out, where that is one and the same for nearly all."""
    if not {"function", "unit"} <= set(now.columns):
        return {}
    units = now.dropna(subset=["function", "unit"]).groupby("function")["unit"].agg(["first", "nunique"])
    return units["first"].to_dict() if len(units) and (units["nunique"] == 1).mean() > 0.9 else {}


def _add_table(chapter: Chapter, split: pd.DataFrame, ranked: pd.Series) -> None:
    points = [c for p in ("difference", "mix_effect", "rate_effect") for c in (p, f"{p}_low", f"{p}_high")]
    shown = split.assign(**{c: split[c] * 100 for c in points}).rename(columns={"level": "detail_level",
        "rate": "execution_rate", "difference": "split_difference", "reason": "split_reason"})  # fmt: skip
    columns = ["district_name", "detail_level", "categories", "execution_rate", "split_difference", "mix_effect",
               "mix_effect_low", "mix_effect_high", "rate_effect", "rate_effect_low", "rate_effect_high",
               "imputed_share", "split_reason"]  # fmt: skip
    order = shown.sort_values(["split_difference", "district_name", "categories"], kind="stable")
    chapter.add_table("split_all", order, columns=columns, is_in_page=False)
    middle = sorted(shown["categories"].unique())[min(1, shown["categories"].nunique() - 1)]
    page = order[order["categories"] == middle]
    # The page has room for what a reader needs; the list of all levels has every column.
    needed = [c for c in columns if c not in ("detail_level", "categories", "imputed_share", "split_reason")]
    in_page = [*needed, "split_reason"] if page["split_reason"].notna().any() else needed
    ends = page["district"].isin(ranked)
    chapter.add_table("split", page, columns=in_page, is_in_page=len(page) <= 40, ends=ends)


def _add_facts(chapter: Chapter, scope: Scope, split: pd.DataFrame, level: str) -> None:
    add, rows = chapter.facts.add, len(scope.now)
    own = split[split["district"] == scope.own]
    row = own.iloc[0] if len(own) else {}
    reason = row.get("reason") or "not_compared"
    parts = [row.get(name) for name in ("mix_effect", "rate_effect")]
    shown = dict(zip(("own_mix", "own_effect"), round_to_sum(parts), strict=True))
    for id, name in (
        ("own_difference", "difference"),
        ("own_mix", "mix_effect"),
        ("own_effect", "rate_effect"),
    ):
        ends = {"": "", "_lower": "_low", "_upper": "_high"} if id in shown else {"": ""}
        for suffix, end in ends.items():
            value, printed = row.get(name + end), shown.get(id + end)
            add(id + suffix, None if value is None or pd.isna(value) else 100 * value, unit="points", table="split",
                rows=rows, reason=reason, shown=None if printed is None else 100 * printed)  # fmt: skip
    add("imputed_most", split["imputed_share"].max(), unit="share", table="split", rows=rows)
    for id, part in (("mix_certain", "mix_effect"), ("effect_certain", "rate_effect")):
        sure = (split[f"{part}_low"] > 0) | (split[f"{part}_high"] < 0)
        add(id, float(sure.mean()), unit="share", table="split", rows=rows)
    add("split_level", level, unit="text", table="split", rows=rows)
