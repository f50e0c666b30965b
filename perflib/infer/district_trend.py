"""Yearly rates of districts as estimates, what changed since a base year, and whose change is more than chance."""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.book import year_number
from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, control_discoveries, difference
from perflib.infer.rates import FEWEST, decided, group_rates, sides
from perflib.infer.shuffle import blocks, moments, trimmed
from perflib.infer.spread import kind_numbers
from perflib.measure.money import sum_amounts
from perflib.measure.rates import decisions
from perflib.measure.tally import check_columns, like

KEYS = ["district", "year"]
COLUMNS = ["budget", "executed", "rate", "effective", "se", "low", "high", "reason",
           "confidence", "method", "projects", "mean_rate", "segment"]  # fmt: skip


CHANGES = ["district", "base_year", "year", "before", "after", "value", "low", "high", "p_value", "verdict", "reason",
           "is_rebased"]  # fmt: skip


def changes(
    projects: pd.DataFrame, *, breaks: pd.DataFrame | None = None, since: int = 0, base: str = "adjusted",
    together: str = "policy", confidence: float = CONFIDENCE,
) -> pd.DataFrame:  # fmt: skip
    """How each district's rate changed from the year `since` (0: the first) to the last, and whether by more than chance.

    One row per district: `base_year`, `year`, the rates `before` and `after`, `value` (their difference) with `low` and
    `high`, `p_value`, `verdict` and `reason`; see `changes_to`. `breaks` has `district` and `year` of each break of
    definition: across it nothing is compared. No row of a single year. Raises DataError for a year without data.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects.query("year >= 2022 and district <= '330190'")
    >>> set(pf.changes(rows)["verdict"]) <= {"rose", "fell", "alike", "unknown"}
    True
    """
    rated, column = decided(projects, *KEYS, base=base, together=together)
    series = rate_series(rated, cluster=column or "project", breaks=breaks, confidence=confidence)
    years = sorted(int(y) for y in series["year"].unique())
    since = year_number(since)
    if since and since not in years[:-1]:
        raise DataError("compare.no_base_year", year=since, years=", ".join(map(str, years[:-1])) or "—")
    if len(years) < 2:
        return pd.DataFrame(columns=CHANGES)
    rows = decisions(rated, by=KEYS, together=column)
    options = {"base_year": since or years[0], "year": years[-1], "confidence": confidence}
    table = changes_to(series, rows=rows, **options)
    table = table.rename(columns={"value_before": "before", "value_after": "after"})[CHANGES]
    return like(table, projects)


def rate_series(
    rates: pd.DataFrame,
    *,
    cluster: str = "project",
    breaks: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per district and year: `rate` (amount-weighted), its error and bounds, `segment`.

    `rates` is what `perflib.measure.rates.project_rates` gives, with `cluster`: what was decided as one (a
    unit's projects, say) is added up first, spending without a budget included, so that `rate` is the
    published rate. Errors are pooled over the districts of a year (see `group_rates`). `breaks` has
    `district` and `year` of each break of definition; years of one `segment` may be compared.
    `mean_rate` is the simple mean of the projects' rates.
    """
    added = decisions(rates, by=KEYS, together=None if cluster == "project" else cluster)
    if not added["budget"].gt(0).any():  # nothing reported on this base: no series, but its columns
        return pd.DataFrame(columns=[*KEYS, *COLUMNS])
    options = {"by": KEYS, "cluster": None if cluster == "project" else cluster, "confidence": confidence}
    parts = [group_rates(rows, **options) for _, rows in rates.groupby("year") if rows["budget"].gt(0).any()]
    table = pd.concat(parts, ignore_index=True).drop(columns="projects")
    counts = rates.groupby(KEYS).agg(projects=("rate", "size"), mean_rate=("rate", "mean")).reset_index()
    table = table.merge(counts, on=KEYS, how="left", validate="one_to_one")
    table = _published(table, added)
    table = table.sort_values(KEYS, ignore_index=True)
    return mark_breaks(table, breaks) if breaks is not None and len(breaks) else table.assign(segment=0)


def _published(table: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """`table` with the rate as it is published: spending of what has no budget at all counts, its interval moves along."""
    sums = sum_amounts(added, ["executed", "budget"], by=KEYS)
    rate = (sums["executed"] / sums["budget"]).rename("rate")
    sums = table[KEYS].merge(sums.assign(rate=rate), on=KEYS, how="left", validate="one_to_one")
    moved = sums["rate"] - table["rate"]
    bounds = {"low": (table["low"] + moved).clip(lower=0), "high": table["high"] + moved}
    return table.assign(**sums[["budget", "executed", "rate"]], **bounds)


def mark_breaks(series: pd.DataFrame, breaks: pd.DataFrame, *, unit: str = "district") -> pd.DataFrame:
    """`series` with `segment`: years of one unit may be compared within a segment, not across.

    `series` has one row per `unit` and year. `breaks` has one row per break of definition with `year`
    (the first under the new definition) and, optionally, `unit` (NA or no such column: all units).
    """
    check_columns(breaks, ["year"])
    rows = series.reset_index(drop=True)
    named = breaks[unit] if unit in breaks.columns else pd.Series(pd.NA, index=breaks.index)
    everywhere = np.sort(breaks.loc[named.isna(), "year"].unique())
    segment = np.searchsorted(everywhere, rows["year"], side="right")
    own = breaks[named.notna()]
    if len(own):
        if not pd.api.types.is_numeric_dtype(rows[unit]):  # a code may be a number
            own = own.assign(**{unit: own[unit].astype("str")})
        ours = rows.reset_index()[["index", unit, "year"]]
        pairs = ours.merge(own[[unit, "year"]], on=unit, suffixes=("", "_break"))
        passed = pairs["year_break"].le(pairs["year"]) & ~pairs["year_break"].isin(everywhere)
        segment = segment + passed.groupby(pairs["index"]).sum().reindex(rows.index, fill_value=0).to_numpy()
    return rows.assign(segment=segment)


def changes_to(
    series: pd.DataFrame,
    *,
    base_year: int,
    year: int,
    rows: pd.DataFrame | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """One row per district: how its rate changed from `base_year` to `year`, and the `verdict`.

    `series` is what `rate_series` gives. Where a district's definition broke in between, the change
    counts from the first year of the present definition: `base_year` says which, `is_rebased` that it did.
    The bounds follow from those of both rates. `rows` are the decisions behind them (`perflib.measure.rates`, by
    district and year): with them the bounds also hold what dealing a district's rates anew among its two years, within
    kind and size, leaves open, which no single project can turn. `p_value` is read off the bounds: it is
    1 − `confidence` where they end at 0. `verdict` is "rose" or "fell", false discoveries held at
    1 − `confidence` over all districts, "alike" where chance may have done it, and "unknown" with its `reason`. Of a district
    with an effective number below five in one of the years nothing is said (`reason` "too_few"), as in the
    comparison within a year: its change and bounds are given, and it takes no part in the tests.
    """
    table = _spans(series[series["year"] <= year], base_year, year)
    found = table["reason"].isna() | table["reason"].isin(["no_standard_error", "too_few"])
    ends = [
        table[f"{name}_{end}"].where(found) for end in ("after", "before") for name in ("rate", "low", "high")
    ]
    table = table.assign(
        value_before=table["rate_before"], value_after=table["rate_after"], **difference(*ends)
    )
    z = stats.norm.isf((1 - confidence) / 2)
    if rows is not None:
        inner, error = _dealt_changes(rows, table, year)
        table["low"] = np.fmin(table["low"], np.maximum(inner - z * error, -table["rate_before"]))
        most = np.maximum(1, table["rate_after"]) - table["rate_before"]
        table["high"] = np.fmax(table["high"], np.minimum(inner + z * error, most))
    half = (table["value"] - table["low"]).where(table["value"] > 0, table["high"] - table["value"])
    p = pd.Series(2 * stats.norm.sf(z * table["value"].abs() / half.where(half > 0)), table.index)
    tests = control_discoveries(p.where(table["reason"].isna()), rate=1 - confidence)
    verdict = sides(tests["p_value"], table["value"], 1 - confidence)
    words = {"too_few": "unknown", "below": "fell", "above": "rose"}
    table = table.assign(p_value=tests["p_value"], verdict=pd.Series(verdict, table.index).replace(words))
    return table[[*KEYS, "base_year", "value", "low", "high", "reason", "is_rebased", "value_before", "value_after",
                  "p_value", "verdict"]]  # fmt: skip


def _spans(until: pd.DataFrame, base_year: int, year: int) -> pd.DataFrame:
    """One row per district: its rates at the base year, or since its break of definition, and at `year`; the `reason`."""
    columns = ["rate", "low", "high", "se", "effective"]
    now = until[until["year"] == year].set_index("district")
    table = pd.DataFrame(index=pd.Index(sorted(until["district"].unique()), name="district")).assign(
        year=year
    )
    segment = until["segment"].where(until["rate"].notna())
    own = until[segment == until["district"].map(now["segment"])]
    first = own.groupby("district")["year"].min().reindex(table.index)
    has_base = until.loc[(until["year"] == base_year) & until["rate"].notna(), "district"]
    broken = table.index.isin(has_base) & (first > base_year)
    table["base_year"] = first.where(broken, base_year).astype("int64")
    table = table.reset_index().merge(until[[*KEYS, *columns]], on=KEYS, how="left")
    before = until[[*KEYS, *columns]].rename(columns={"year": "base_year"})
    table = table.merge(before, on=["district", "base_year"], how="left", suffixes=("_after", "_before"))
    few = (table[["effective_before", "effective_after"]] < FEWEST).any(axis=1)
    reasons = {
        "no_base_year": table["rate_before"].isna(), "no_data": table["rate_after"].isna(),
        "break_of_definition": table["base_year"] == year,
        "no_standard_error": table[["se_before", "se_after"]].isna().any(axis=1), "too_few": few,
    }  # fmt: skip
    reason = np.select([m.to_numpy() for m in reasons.values()], list(reasons), default=None)
    return table.assign(reason=reason, is_rebased=table["base_year"] != base_year)


def _dealt_changes(rows: pd.DataFrame, table: pd.DataFrame, year: int) -> tuple[pd.Series, pd.Series]:
    """Each row's change with the ends of every kind and size brought in, and its spread when rates are dealt anew.

    NaN for a district without decisions of both years.
    """
    since = rows["district"].map(table.set_index("district")["base_year"])
    used = rows[(rows["budget"] > 0) & ((rows["year"] == since) | (rows["year"] == year)) & (since != year)]
    used = used.sort_values([*KEYS, "budget", "executed"], ignore_index=True)
    unit = pd.Index(table["district"]).get_indexer(used["district"])
    b, rate = (used[c].to_numpy(dtype="float64") for c in ("budget", "rate"))
    kind = kind_numbers(used)
    block = blocks(b, unit * (kind.max(initial=0) + 1) + kind)
    side = unit * 2 + (used["year"] == year).to_numpy()
    weight = np.where(side % 2, 1, -1) * b / np.bincount(side, b)[side]
    inner = trimmed(rate, block)
    variance = moments(inner, weight[:, None], block)[1][block, 0] / np.bincount(block)[block]
    sums = lambda x: pd.Series(np.bincount(unit, x, len(table)), table.index)  # noqa: E731
    both = sums(side % 2).between(1, sums(np.ones(len(unit))) - 1)
    return sums(inner * weight).where(both), np.sqrt(sums(variance)).where(both)
