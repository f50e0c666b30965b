"""The programme's districts side by side: money, outputs, what they cost, and two scores."""

from collections.abc import Mapping

import pandas as pd

from perflib.infer.agreement import agreement_table
from perflib.show.chapter import Chapter
from perflib.show.chapters.name_list import join_names

FEWEST = 5  # pairs of scores below which agreement is not worked out
NAMES = Mapping[str, str]


def add_sides(chapter: Chapter, found, chosen: str, names: NAMES) -> None:
    """Money, execution, satisfaction and both scores of each district, in one table."""
    money = found.money[(found.money["programme"] == chosen) & (found.money["year"] == found.year)]
    heard = found.indicators
    heard = heard[
        (heard["programme"] == chosen) & (heard["year"] == found.year) & (heard["kind"] == "satisfaction")
    ]
    heard = heard[
        heard["unit"].isin(["%", "％"]) | heard["unit"].str.lower().isin(["porcentaje", "per cent"])
    ]
    pairs = found.pairs[(found.pairs["programme"] == chosen) & (found.pairs["year"] == found.year)]
    scores = pairs.set_index("district")[["district_score", "city_score", "difference"]]
    table = money.join(scores.rename(columns={"difference": "level_gap"}), on="district")
    table["satisfied"] = table["district"].map(heard.groupby("district")["actual"].mean()) / 100
    table["district_label"] = table["district"].map(names)
    columns = ["district_label", "projects", "adjusted_budget", "executed", "rate", "satisfied", "district_score",
               "city_score", "level_gap"]  # fmt: skip
    chapter.add_table("programme_sides", table.sort_values("district", key=_places(names)), columns=columns)
    add, rows = chapter.facts.add, int(money["projects"].sum())
    whole = (
        money["executed"].sum() / money["adjusted_budget"].sum()
        if money["adjusted_budget"].sum() > 0
        else None
    )
    add("prog_rate", whole, unit="share", table="programme_sides", rows=rows, reason="no_budget")
    for id, value in (("prog_satisfied_low", table["satisfied"].min()), ("prog_satisfied_high", table["satisfied"].max())):  # fmt: skip
        add(id, value, unit="share", table="programme_sides", rows=rows, reason="no_satisfaction")


def _places(names: NAMES):
    """A key that sorts codes in the order of `names`, which is that of the table of districts."""
    order = {code: place for place, code in enumerate(names)}
    return lambda codes: codes.map(order)


def add_outputs(chapter: Chapter, costs: pd.DataFrame, outputs: list[str], names: NAMES) -> None:
    """What was planned and reached, and the programme's money for each of it; never added up."""
    lang, add, rows = chapter.lang, chapter.facts.add, len(costs)
    chosen = costs[costs["output"].isin(outputs)]
    chosen = chosen[(chosen["reason"] != "unit_differs") | chosen["district"].isin(_only_other(chosen))]
    table = chosen.assign(
        district_label=chosen["district"].map(names), output_name=chosen["output"], measure_unit=chosen["unit"],
        output_reason=chosen["reason"], _place=chosen["output"].map({o: i for i, o in enumerate(outputs)}),
    ).sort_values("district", key=_places(names)).sort_values("_place", kind="stable")  # fmt: skip
    table = table.rename(
        columns={"target": "planned_output", "actual": "reached_output", "reached": "reached_share"}
    )
    columns = ["district_label", "output_name", "measure_unit", "planned_output", "reached_output", "reached_share",
               "unit_cost", "output_reason"]  # fmt: skip
    if len(table):
        chapter.add_table("programme_outputs", table, columns=columns, is_in_page=len(table) <= 40)
    known = table["reached_share"].dropna() if len(table) else pd.Series(dtype=float)
    add("prog_met", float((known >= 1).mean()) if len(known) else None, unit="share", table="programme_outputs",
        rows=rows, reason="no_indicators")  # fmt: skip
    add("prog_outputs", join_names(outputs, lang, many="show_programme.many_outputs"), unit="text",
        table="programme_outputs", rows=rows, reason="no_indicators")  # fmt: skip
    for id, reason in (("prog_zero", "zero_output"), ("prog_differs", "unit_differs"), ("prog_silent", "not_reported")):  # fmt: skip
        named = table.loc[table["output_reason"] == reason, "district_label"] if len(table) else []
        add(
            id,
            join_names(named, lang),
            unit="text",
            table="programme_outputs",
            rows=rows,
            reason="nobody",
        )


def _only_other(costs: pd.DataFrame) -> set[str]:
    """Districts that have an output in another unit and not in the usual one."""
    other = costs["reason"] == "unit_differs"
    usual = set(zip(costs.loc[~other, "district"], costs.loc[~other, "output"], strict=True))
    lone = [
        d
        for d, o in zip(costs.loc[other, "district"], costs.loc[other, "output"], strict=True)
        if (d, o) not in usual
    ]
    return set(lone)


def add_costs(chapter: Chapter, judged: pd.DataFrame, names: NAMES) -> None:
    """Who pays more or less for its volume of outputs, however these are weighed."""
    columns = ["district_label", "cost_value", "cost_low", "cost_high", "cost_least", "cost_most", "cost_verdict",
               "cost_reason"]  # fmt: skip
    shown = judged.rename(columns={
        "value": "cost_value", "low": "cost_low", "high": "cost_high", "least": "cost_least",
        "most": "cost_most", "verdict": "cost_verdict", "reason": "cost_reason",
    })  # fmt: skip
    if len(judged):
        shown["district_label"] = shown["district"].map(names)
        shown = shown.sort_values(["cost_value", "district_label"], ascending=[False, True])
        chapter.add_table("programme_costs", shown, columns=columns)
    verdicts = shown["cost_verdict"] if len(judged) else pd.Series(dtype=str)
    add, rows = chapter.facts.add, len(judged)
    for verdict in ("dearer", "cheaper", "mix", "alike", "unknown"):
        named = shown.loc[verdicts == verdict, "district_label"] if len(judged) else []
        told = join_names(named, chapter.lang)
        # The rows behind a verdict are the programme's outputs of all districts, not the districts named.
        add(f"prog_{verdict}", told, unit="text", table="programme_costs", rows=max(rows, 5), reason="nobody")


def add_scores(chapter: Chapter, pairs: pd.DataFrame, names: NAMES) -> None:
    """How far the districts' scores and the city's agree; who lacks the city's."""
    both = pairs[pairs["reason"].isna()]
    add, rows = chapter.facts.add, max(len(pairs), 5)
    found = pd.DataFrame(columns=["quantity", "value", "low", "high", "n"])
    if len(both) >= FEWEST:
        found = agreement_table(both, first="district_score", second="city_score")
        points = found["quantity"].isin(["bias", "lower_limit", "upper_limit"])
        table = found[points].rename(columns={"quantity": "level_agreement", "value": "point_value",
                                              "low": "point_low", "high": "point_high"})  # fmt: skip
        chapter.add_table(
            "programme_agreement",
            table,
            columns=["level_agreement", "point_value", "point_low", "point_high", "n"],
        )
    values = found.set_index("quantity")
    reason = "no_scores" if both.empty else "too_few_scores"
    add("prog_pairs", str(len(both)) if len(both) else None, unit="text", table="programme_sides", rows=rows,
        reason="no_scores")  # fmt: skip
    for id, column in (("prog_bias", "value"), ("prog_bias_lower", "low"), ("prog_bias_upper", "high")):
        value = values[column].get("bias")
        add(id, value, unit="score", table="programme_agreement", rows=rows, reason=reason)
    for id, quantity in (("prog_limit_low", "lower_limit"), ("prog_limit_high", "upper_limit")):
        add(
            id,
            values["value"].get(quantity),
            unit="score",
            table="programme_agreement",
            rows=rows,
            reason=reason,
        )
    for id, column in (("prog_concordance", "value"), ("prog_concordance_lower", "low"), ("prog_concordance_upper", "high")):  # fmt: skip
        add(id, values[column].get("concordance"), unit="ratio", table="programme_agreement", rows=rows, reason=reason)  # fmt: skip
    apart = len(values) > 0 and (values.loc["bias", "low"] > 0 or values.loc["bias", "high"] < 0)
    add("prog_bias_apart", float(apart), unit="ratio", table="programme_agreement", rows=rows)
    for id, code in (("prog_no_city", "no_city_score"), ("prog_no_district", "no_district_score")):
        named = pairs.loc[pairs["reason"] == code, "district"].map(names)
        add(
            id,
            join_names(named, chapter.lang),
            unit="text",
            table="programme_sides",
            rows=rows,
            reason="nobody",
        )
