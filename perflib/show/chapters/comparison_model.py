"""How much of the difference is the district's at all, and what goes with it: the multilevel and the logit model."""

import numpy as np
import pandas as pd

from perflib.data.book import Book
from perflib.data.errors import DataError
from perflib.infer.fractional import fractional_logit
from perflib.infer.multilevel import Multilevel, fit_multilevel
from perflib.show.chapter import Chapter
from perflib.show.chapters.comparison_scope import Scope, added
from perflib.show.labels import column

# A covariate of the district is told by districts: no more of them than one for five.
DISTRICTS_PER_COVARIATE = 5
SIZES = ("population_doubled", "revenue_doubled", "density_doubled")  # an effect is that of twice as much
COVARIATES = (*SIZES, "industry_tenth")


def add_multilevel(chapter: Chapter, scope: Scope, left_out: list[DataError]) -> None:
    """Add the shares of variance by level, and each district's effect; a reason to `left_out` if there is no model."""
    middle = scope.head if scope.head == "department" else None
    rows = _model_rows(scope)
    try:
        fit = fit_multilevel(rows, department=middle, weight="budget")
    except DataError as error:
        left_out.append(error)
        fit = None
    _add_variances(chapter, fit, rows)
    if fit is not None:
        effects = fit.effects.assign(district_name=fit.effects["district"].map(scope.names))
        points = {"value": "district_effect", "low": "effect_low", "high": "effect_high"}
        shown = effects.assign(**{n: effects[c] * 100 for c, n in points.items()})
        shown = shown.sort_values(["district_effect", "district_name"], ascending=[False, True])
        chapter.add_table("effects", shown, columns=["district_name", *points.values()], is_in_page=False)


def _model_rows(scope: Scope) -> pd.DataFrame:
    """The year's decisions (those of one department added within it) that have a budget."""
    keys = ["district", "_cluster", *(["department"] if scope.head == "department" else [])]
    rows = added(scope.now, keys)
    return rows[rows["budget"] > 0].reset_index(drop=True)


def _add_variances(chapter: Chapter, fit: Multilevel | None, rows: pd.DataFrame) -> None:
    add, table = chapter.facts.add, fit.variances if fit is not None else pd.DataFrame()
    share = dict(zip(table["level"], table["share"], strict=True)) if len(table) else {}
    for level in ("district", "department", "project"):
        add(
            f"variance_{level}",
            share.get(level),
            unit="share",
            table="variances",
            rows=len(rows),
            reason="no_model",
        )
    chance = table["p_value"].iloc[0] if len(table) else None
    add("variance_chance", chance, unit="share", table="variances", rows=len(rows), reason="no_model")
    is_there = bool(len(table)) and fit.reason is None and chance < 0.05
    add("has_district_variance", float(is_there), unit="ratio", table="variances", rows=len(rows))
    if len(table):
        shown = table.assign(model_level=table["level"], spread=100 * np.sqrt(table["variance"]),
                             variance_share=table["share"], groups_counted=table["groups"])  # fmt: skip
        chapter.add_table(
            "variances", shown, columns=["model_level", "groups_counted", "spread", "variance_share"]
        )


def add_logit(chapter: Chapter, scope: Scope, book: Book, left_out: list[DataError]) -> None:
    """Add the marginal effects on the rate of kinds of project and of districts' circumstances."""
    rows, names = _logit_rows(scope, book)
    add = chapter.facts.add
    try:
        if not names:
            raise DataError(
                "compare.nothing_to_explain", clusters=rows["district"].nunique(), projects=len(rows)
            )
        table = fractional_logit(rows, covariates=names, cluster="district", weight="budget")
    except DataError as error:
        left_out.append(error)
        for id in ("terms", "terms_sure", "clipped"):
            add(id, None, unit="count", table="logit", rows=0, reason="no_model", is_open=True)
        return
    points = {"value": "marginal_effect", "low": "marginal_low", "high": "marginal_high"}
    shown = table.assign(
        **{n: table[c] * 100 for c, n in points.items()}, model_term=_terms(table["term"], chapter.lang)
    )
    chapter.add_table("logit", shown, columns=["model_term", *points.values()])
    sure = (table["low"] > 0) | (table["high"] < 0)
    add("terms", len(table), unit="count", table="logit", rows=len(rows), is_open=True)
    add("terms_sure", int(sure.sum()), unit="count", table="logit", rows=len(rows), is_open=True)
    add("clipped", int(table["clipped"].iloc[0]), unit="count", table="projects", rows=len(rows))


def _logit_rows(scope: Scope, book: Book) -> tuple[pd.DataFrame, list[str]]:
    """The year's projects with a rate, with what may explain it: kinds that vary, then circumstances."""
    now = scope.now
    rows = now[now["rate"].notna() & (now["budget"] > 0)].reset_index(drop=True)
    names = []
    if "class" in rows and rows["class"].nunique() > 1:
        names.append("class")
    if "initial_budget" in rows and scope.base != "initial" and rows["initial_budget"].notna().any():
        rows["created"] = np.where(rows["initial_budget"].fillna(0) > 0, "planned", "created")
        names += ["created"] if rows["created"].nunique() > 1 else []
    there = circumstances(book, scope.codes)
    wanted = [c for c in there.columns[1:]][: len(scope.codes) // DISTRICTS_PER_COVARIATE]
    rows = rows.merge(there[["district", *wanted]], on="district", how="left", validate="many_to_one")
    kept = ["district", "rate", "budget", *names, *wanted]
    rows = rows[kept].dropna()
    return rows.reset_index(drop=True), [n for n in [*names, *wanted] if rows[n].nunique() > 1]


def circumstances(book: Book, codes: list[str]) -> pd.DataFrame:
    """`district` and the covariates that the table of districts has for all of `codes` and that vary."""
    if not book.has("districts"):
        return pd.DataFrame({"district": codes})
    table = book.table("districts").drop_duplicates("district").set_index("district")
    table = table.reindex(index=codes, columns=["population", "revenue", "area", "industry_share"]).astype(
        "float64"
    )
    found, people = pd.DataFrame(index=table.index), table["population"]
    sizes = (people, table["revenue"] / people, people / table["area"])
    for name, size in zip(SIZES, sizes, strict=True):
        found[name] = np.log2(size.where(size > 0))
    found["industry_tenth"] = table["industry_share"] * 10
    known = [c for c in COVARIATES if found[c].notna().all() and found[c].std() > 0]
    return found[known].rename_axis("district").reset_index()


def _terms(terms: pd.Series, lang: str) -> list[str]:
    told = []
    for term in terms:
        name, _, value = term.partition("=")
        words = column(name)
        told.append(f"{words.label(lang)}: {words.cell(value, lang)}" if value else words.label(lang))
    return told
