"""What the checks say: agreement, the district's inflation where it can be had, and unchecked projects."""

import pandas as pd
from scipy import stats

from perflib.infer.agreement import agreement_table, bland_altman
from perflib.infer.inflation import (
    checks_needed,
    estimate_inflation,
    naive_inflation,
    predict_rescores,
)
from perflib.show.chapter import Chapter
from perflib.show.chapters.whole import named

CONFIDENCE = 0.95
FEWEST = 5  # pairs for any measure of agreement; fewer are not published either
SHOWN = 12  # unchecked projects in the page: those with the lowest predicted score
BLIND = {True: "yes", False: "no"}


def add_agreement(chapter: Chapter, pairs: pd.DataFrame, year: int) -> pd.DataFrame:
    """Add how far scores agree in all rounds, in this one, and by checker; the limits of all come back."""
    good = pairs[pairs["reason"].isna()]
    now = good[good["year"] == year]
    found = agreement_table(good) if len(good) >= FEWEST else pd.DataFrame(columns=["quantity", "value"])
    values = found.set_index("quantity")["value"]
    shown = found.rename(columns={"quantity": "agreement"})
    if len(found):
        columns = ["agreement", "value", "low", "high", "n"]
        points = shown["agreement"].isin(["bias", "lower_limit", "upper_limit"])
        chapter.add_table("agreement", _as_points(shown, points), columns=[*_POINTS, "n"])
        chapter.add_table("agreement_ratios", shown[~points], columns=columns)
    _agreement_facts(chapter, found, values, len(good))
    this = bland_altman(now).set_index("quantity") if len(now) >= FEWEST else None
    for id, row in (("bias_now", "value"), ("bias_now_lower", "low"), ("bias_now_upper", "high")):
        value = None if this is None else this.loc["bias", row]
        chapter.facts.add(id, value, unit="score", table="now", rows=len(now), reason="too_few")
    _add_checkers(chapter, good)
    return found.set_index("quantity")


_POINTS = ["agreement", "point_value", "point_low", "point_high"]


def _as_points(shown: pd.DataFrame, points: pd.Series) -> pd.DataFrame:
    return shown[points].rename(columns={"value": "point_value", "low": "point_low", "high": "point_high"})


def _agreement_facts(chapter: Chapter, found: pd.DataFrame, values: pd.Series, rows: int) -> None:
    add = chapter.facts.add
    bounds = found.set_index("quantity")
    for quantity, id, unit in (
        ("bias", "bias", "score"), ("lower_limit", "limit_low", "score"), ("upper_limit", "limit_high", "score"),
        ("icc_agreement", "icc", "ratio"),
    ):  # fmt: skip
        add(id, values.get(quantity), unit=unit, table="agreement", rows=rows, reason="too_few")
    for id, quantity, side in (
        ("bias_lower", "bias", "low"), ("bias_upper", "bias", "high"), ("icc_lower", "icc_agreement", "low"),
        ("icc_upper", "icc_agreement", "high"),
    ):  # fmt: skip
        value = bounds.loc[quantity, side] if quantity in bounds.index else None
        unit = "score" if id.startswith("bias") else "ratio"
        add(id, value, unit=unit, table="agreement", rows=rows, reason="too_few")


def _add_checkers(chapter: Chapter, good: pd.DataFrame) -> None:
    """Mean difference by checker, and by whether the self-score was hidden from him."""
    blind = good["is_blind"].astype(object).map(BLIND).fillna("not_told")
    for id, key, rows in (
        ("checkers", "evaluator", good),
        ("blinded", "blindness", good.assign(blindness=blind)),
    ):
        table = _means(rows, key)
        chapter.add_table(id, table, columns=[key, "checks", *_POINTS[1:]], count="checks")


def _means(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    groups = rows.groupby(key)["difference"].agg(["size", "mean", "std"])
    half = stats.t.ppf((1 + CONFIDENCE) / 2, (groups["size"] - 1).clip(lower=1))
    half = half * groups["std"] / groups["size"] ** 0.5
    table = pd.DataFrame({"checks": groups["size"], "point_value": groups["mean"]})
    return table.assign(point_low=groups["mean"] - half, point_high=groups["mean"] + half).reset_index()


def add_inflation(chapter: Chapter, scored: pd.DataFrame, year: int) -> pd.DataFrame:
    """Add the district's inflation, weighted beside naive, by round and pooled; a refusal has its reason."""
    rows = [
        _round(part, year=int(y)) for y, part in scored.groupby("year") if part["check_score"].notna().any()
    ]
    pooled = with_probability(scored)
    if len(pooled):
        rows.append(_round(pooled, year=None))
    columns = ["round_year", "self_scored", "checks", "naive_value", "naive_low", "naive_high", "point_value",
               "point_low", "point_high", "evaluation_reason"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    chapter.add_table("inflation", table.assign(round_year=_round_name(table, chapter.lang)), columns=columns)
    _inflation_facts(chapter, table, year)
    return table


def _round_name(table: pd.DataFrame, lang: str) -> pd.Series:
    from perflib.data.text import say

    years = table["round_year"].astype("Int64").astype("str")
    return years.where(table["round_year"].notna(), say("show_evaluation.pooled", lang))


def with_probability(scored: pd.DataFrame) -> pd.DataFrame:
    """The rounds in which every check has a recorded inclusion probability: only these bear an estimate."""
    checked = scored[scored["check_score"].notna()]
    known = checked["inclusion_probability"].between(0, 1, inclusive="right").groupby(checked["year"]).all()
    return scored[scored["year"].isin(known.index[known])]


def _round(part: pd.DataFrame, *, year: int | None) -> dict:
    naive, weighted = naive_inflation(part), estimate_inflation(part)
    row = {"round_year": year, "self_scored": len(part), "checks": int(part["check_score"].notna().sum())}
    row |= {f"naive_{k}": naive[k] for k in ("value", "low", "high")}
    row |= {f"point_{k}": weighted[k] for k in ("value", "low", "high")}
    return row | {"evaluation_reason": weighted["reason"]}


def _inflation_facts(chapter: Chapter, table: pd.DataFrame, year: int) -> None:
    add = chapter.facts.add
    pooled = table[table["round_year"].isna()]
    row = pooled.iloc[0] if len(pooled) else pd.Series(dtype=object)
    count = int(row.get("checks", 0))
    add("pooled_checks", count, unit="count", table="inflation", rows=count)
    for id, column in (
        ("inflation", "point_value"), ("inflation_lower", "point_low"), ("inflation_upper", "point_high"),
        ("naive", "naive_value"),
    ):  # fmt: skip
        why = row.get("evaluation_reason", "no_inclusion_probability")
        add(id, row.get(column), unit="score", table="inflation", rows=count, reason=_coded(why))
    now = table[table["round_year"] == year]
    value = now["point_value"].iloc[0] if len(now) else None
    why = now["evaluation_reason"].iloc[0] if len(now) else "no_checks"
    checks = int(now["checks"].sum())
    add("inflation_now", value, unit="score", table="inflation", rows=checks, reason=_coded(why))


def _coded(reason) -> str:
    return "too_few_checks" if pd.isna(reason) else str(reason)


def add_rescores(chapter: Chapter, scored: pd.DataFrame, projects: pd.DataFrame, year: int) -> None:
    """Add what a check of each unchecked project of this year would give, learnt from rounds with probabilities."""
    earlier = with_probability(scored)
    own = scored[scored["year"] == year]
    if own["check_score"].notna().any() and year not in set(earlier["year"]):
        own = own[own["check_score"].isna()]  # picked by hand: nothing to learn from, nothing to predict
    both = pd.concat([earlier[earlier["year"] != year], own], ignore_index=True)
    found = predict_rescores(both, confidence=CONFIDENCE) if len(both) else both.assign(value=None, reason="")
    rest = found[(found["year"] == year) & found["check_score"].isna()]
    table = named(rest, projects).rename(columns={"value": "rescore", "low": "rescore_low",
                                                  "high": "rescore_high", "reason": "evaluation_reason"})  # fmt: skip
    columns = ["subject", "subject_name", "department", "self_score", "rescore", "rescore_low", "rescore_high",
               "evaluation_reason"]  # fmt: skip
    table = table.reindex(columns=columns).sort_values(["rescore", "subject"], ignore_index=True)
    if chapter.edition != "public":  # a guess about a named project is no finding about it
        chapter.add_table("rescores", table, columns=columns, is_in_page=False)
        chapter.add_table(
            "lowest_rescores", table.dropna(subset=["rescore"]).head(SHOWN), columns=columns[1:-1]
        )
    _rescore_facts(chapter, table)


def _rescore_facts(chapter: Chapter, table: pd.DataFrame) -> None:
    add = chapter.facts.add
    add("fewest_checks", checks_needed(CONFIDENCE), unit="count", table="rules", rows=0)
    width = (table["rescore_high"] - table["rescore_low"]).astype(float)
    predicted = int(width.notna().sum())
    add("predicted", predicted, unit="count", table="rescores", rows=len(table))
    middle = width.median() if predicted else None
    add("typical_width", middle, unit="score", table="rescores", rows=predicted, reason="too_few_checks")
