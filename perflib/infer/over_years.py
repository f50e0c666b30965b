"""Years taken together: which groups lie apart year after year, and whether all moved together.

One year of one group rests on few large projects; five years of it do not. The table of groups and years is
read as two effects, the group's and the year's, and what is left over is the measure of chance: it holds what
projects do to one year, and what does something to one group in one year.
"""

import numpy as np
import pandas as pd
from scipy import stats

from perflib.data.errors import DataError
from perflib.infer.interval import CONFIDENCE, check_confidence, control_discoveries
from perflib.infer.rates import FEWEST, group_rates
from perflib.measure.rates import decisions, project_rates
from perflib.measure.tally import check_columns, check_known, like, one_key

DRAWS = 2_000
MOST = 20_000_000  # groups × years × draws above which the test is F's


def over_years(
    projects: pd.DataFrame, *, by: str = "district", base: str = "adjusted", together: str | None = None,
    breaks: pd.DataFrame | None = None, joint: bool = False, confidence: float = CONFIDENCE,
    draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """One row per group of `by`: how far its rate is from all groups', over all years; or one row of all, `joint`.

    Rates are of what has a budget: spending without one, which the published rate of `rates` holds, is left out.
    `projects` has one row per project and year. Of a group: `rate` (all years' spending over their budget), `value`
    (how far it is above the others in the mean of the years, a fraction) with `low, high` (within what is
    possible), `se`, `p_value` (the larger of that with and without every group's largest decision of each year, so
    that nothing hangs on one), `verdict` ("below", "above", "alike", false claims held at 1 − `confidence` over all
    groups; "too_few": fewer than two years with five effective projects), `years_below` and `years_above` that
    year's joint rate.

    `joint`: the joint rate of the groups that have the first and the last year, `rate_before` and `rate_after`,
    `value` (its change) with `low, high, se` (by groups) and `verdict` ("rose", "fell", "alike"); how many groups
    `rose` and `fell` with `p_sign`; whether groups differ over the years (`is_apart`) with `p_value` (dealing what
    is left of each year among groups) and `p_friedman` (their ranks within years). Groups with a break of definition (`breaks`:
    `district`, `year`) take no part in the change. Projects of one value of `together` (a column: policy) count as one.
    Raises DataError for fewer than two years or three groups.

    >>> import perflib as pf
    >>> rows = pf.load("sample").projects
    >>> pf.over_years(rows, joint=True)["years"].tolist()
    [5]
    """
    check_confidence(confidence, draws)
    by = one_key(projects, by)
    check_columns(projects, ["year", *([together] if together else [])])
    check_known(projects, [by, "year"])
    rows = decisions(project_rates(projects, base=base), by=[by, "year"], together=together)
    panel = _Panel(rows, by)
    found = _joint(panel, breaks, confidence, draws, seed) if joint else _apart(panel, rows, confidence)
    return like(found, projects)


class _Panel:
    """Rates, budgets and errors of groups (rows) and years (columns), NaN where a group has no year."""

    def __init__(self, rows: pd.DataFrame, by: str, like: "_Panel | None" = None):
        parts = [group_rates(part, by=[by, "year"]) for _, part in rows[rows["budget"] > 0].groupby("year")]
        table = pd.concat(parts) if parts else pd.DataFrame(columns=[by, "year"])
        self.by = by
        self.groups = like.groups if like else pd.Index(sorted(table[by].unique()))
        self.years = like.years if like else sorted(table["year"].unique())
        if not like and (len(self.years) < 2 or len(self.groups) < 3):
            raise DataError("compare.small_panel", groups=len(self.groups), years=len(self.years))
        wide = lambda name: table.pivot(index=by, columns="year", values=name).reindex(  # noqa: E731
            index=self.groups, columns=self.years
        )
        names = ("budget", "executed", "effective", "se")
        self.budget, self.executed, self.effective, self.se = (wide(n).to_numpy("float64") for n in names)
        self.rate = self.executed / self.budget
        self.all = np.nansum(self.executed, axis=0) / np.nansum(self.budget, axis=0)
        self.usable = (self.effective >= FEWEST) & (self.se > 0)
        self.usable &= (self.usable.sum(axis=1) >= 2)[:, None]
        self.usable &= self.usable.any(axis=1).sum() >= 2  # one alone has none to be compared with


class _Fit:
    """Two-way effects by weighted least squares: rate = group + year + what is left.

    A weight is one over the variance of a rate: that of its projects, and what a group's year has of its own.
    """

    def __init__(self, panel: _Panel):
        known = panel.usable
        self.free = max(1, int(known.sum() - known.any(axis=1).sum() - known.any(axis=0).sum() + 1))
        self.rate, se = np.where(known, panel.rate, 0.0), np.where(known, panel.se, 1.0)
        extra = 0.0
        for _ in range(20):  # until what is left is what its variance says (Paule & Mandel)
            self._solve(np.where(known, 1 / (se**2 + extra), 0.0))
            squares = (self.weight * self.left**2).sum()
            extra = max(
                0.0, extra + (squares - self.free) / max((self.weight**2 * self.left**2).sum(), 1e-300)
            )
        self._solve(np.where(known, 1 / (se**2 + extra), 0.0))
        share = np.where(known.any(axis=1), np.nansum(panel.budget, axis=1), 0.0)
        self.share = share / (share.sum() or np.nan)  # NA where no group can be judged

    def _solve(self, weight: np.ndarray) -> None:
        self.weight, self.own = weight, np.maximum(weight.sum(axis=1), 1e-300)
        self.part = weight / self.own[:, None]
        self.inner = np.linalg.pinv(np.diag(weight.sum(axis=0)) - weight.T @ self.part)
        self.group, self.year = self.effects(self.rate)
        self.left = np.where(weight > 0, self.rate - self.group[:, None] - self.year, 0.0)

    def effects(self, rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Effects of groups and of years of `rate` (… × groups × years)."""
        mean = (self.part * rate).sum(axis=-1)
        year = ((self.weight * rate).sum(axis=-2) - mean @ self.weight) @ self.inner
        return mean - year @ self.part.T, year

    def gaps(self, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each group's effect less that of all by money, and its error."""
        noise, centre = np.where(known, 1 / self.own, 0.0), self.share @ self.part
        variance = noise * (1 - 2 * self.share) + (self.share**2 * noise).sum()
        off = self.part - centre
        variance = variance + np.einsum("gt,tu,gu->g", off, self.inner, off)
        # The same projects run on, so that years may scatter less than projects do.
        variance = variance * (self.weight * self.left**2).sum() / self.free
        return self.group - self.share @ self.group, np.sqrt(np.maximum(variance, 0))

    def doubt(self) -> float:
        """Degrees of freedom of the variance of what is left: fewer the longer its tails, as a few cells make it."""
        left = (self.left * np.sqrt(self.weight))[self.weight > 0]
        tails = stats.kurtosis(left, fisher=False) if left.size else 0.0
        return float(min(self.free, 2 * self.free / max(tails - 1, 1.0)))

    def chance(self, draws: int, seed: int) -> float:
        """How often groups lie as far apart as they do when what is left of each year is dealt among them.

        NA where fewer than two groups can be judged.
        """
        known = self.weight > 0
        if known.any(axis=1).sum() < 2:
            return np.nan
        scaled = np.where(known, (self.rate - self._of_year(self.rate)) * np.sqrt(self.weight), np.nan)
        if scaled.size * draws > MOST:
            return float(
                stats.f.sf(self._apart(self.rate) / (known.any(axis=1).sum() - 1), len(self.own), self.free)
            )
        rng, count = np.random.default_rng(seed), 0
        for _ in range(draws):
            dealt = np.zeros_like(scaled)
            for t in range(scaled.shape[1]):
                has = known[:, t]
                dealt[has, t] = rng.permutation(scaled[has, t]) / np.sqrt(self.weight[has, t])
            count += self._apart(dealt) >= self._apart(self.rate) * (1 - 1e-9)
        return (1 + count) / (draws + 1)

    def _of_year(self, rate: np.ndarray) -> np.ndarray:
        """The mean of each year; 0 for one in which no group can be judged, which weighs nothing."""
        return (self.weight * rate).sum(axis=0) / np.maximum(self.weight.sum(axis=0), 1e-300)

    def _apart(self, rate: np.ndarray) -> float:
        """The squares that groups explain beside years, over those that are left."""
        group, year = self.effects(rate)
        left = self.weight * (rate - group[:, None] - year) ** 2
        alone = self.weight * (rate - self._of_year(rate)) ** 2
        return float(alone.sum() / max(left.sum(), 1e-300)) * self.free


def _apart(panel: _Panel, rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    known = panel.usable.any(axis=1)
    value, se, p = _tested(panel)
    p = np.maximum(p, _without_largest(panel, rows, value))
    verdict = np.where(known, _sides(value, p, confidence), "too_few")
    half = stats.t.isf((1 - confidence) / 2, _Fit(panel).doubt()) * se
    sums = np.nansum(panel.budget, axis=1), np.nansum(panel.executed, axis=1)
    all_years, most = panel.all.mean(), np.maximum(1.0, np.nanmax(panel.rate, axis=1, initial=0.0))
    table = pd.DataFrame({
        panel.by: panel.groups, "years": (~np.isnan(panel.rate)).sum(axis=1), "budget": sums[0], "executed": sums[1],
        "rate": sums[1] / sums[0], "value": value, "se": se, "p_value": p,
        "low": np.maximum(value - half, -all_years), "high": np.minimum(value + half, most - all_years),
        "verdict": verdict,
        "years_below": (panel.rate < panel.all).sum(axis=1), "years_above": (panel.rate > panel.all).sum(axis=1),
    })  # fmt: skip
    return table.assign(confidence=confidence, method="two-way, weighted")


def _without_largest(panel: _Panel, rows: pd.DataFrame, value: np.ndarray) -> np.ndarray:
    """The p-values when every group's largest decision of every year is left out; 1 on the other side of all."""
    largest = rows.sort_values("budget").drop_duplicates([panel.by, "year"], keep="last").index
    less = _Panel(rows.drop(index=largest), panel.by, like=panel)
    if less.usable.any(axis=1).sum() < 3:
        return np.ones(len(value))
    other, _, p = _tested(less)
    return np.where(other * value > 0, p, 1.0)


def _tested(panel: _Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    known, fit = panel.usable.any(axis=1), _Fit(panel)
    value, se = (np.where(known, x, np.nan) for x in fit.gaps(known))
    return value, se, 2 * stats.t.sf(np.abs(value / se), fit.doubt())


def _sides(value: np.ndarray, p: np.ndarray, confidence: float) -> np.ndarray:
    flagged = control_discoveries(p, rate=1 - confidence)["is_flagged"].to_numpy(dtype=bool)
    return np.select([flagged & (value < 0), flagged], ["below", "above"], default="alike")


def _joint(panel: _Panel, breaks, confidence: float, draws: int, seed: int) -> pd.DataFrame:
    both = ~np.isnan(panel.rate[:, [0, -1]]).any(axis=1)
    if breaks is not None and len(breaks):
        check_columns(breaks, ["year"])
        cut = breaks[breaks["year"].between(panel.years[0] + 1, panel.years[-1])]
        named = cut[panel.by] if panel.by in cut else pd.Series(pd.NA, index=cut.index)
        broken = set(named.dropna().astype("str"))  # a code may be a number
        both &= ~panel.groups.astype("str").isin(broken) & ~named.isna().any()
    budget, spent = panel.budget[both][:, [0, -1]], panel.executed[both][:, [0, -1]]
    joint = spent.sum(axis=0) / budget.sum(axis=0)
    own = (spent - budget * joint) / budget.sum(axis=0)
    n, moved = int(both.sum()), spent[:, 1] / budget[:, 1] - spent[:, 0] / budget[:, 0]
    se = np.sqrt(n / (n - 1) * ((own[:, 1] - own[:, 0]) ** 2).sum()) if n > 1 else np.nan
    value, half = joint[1] - joint[0], stats.t.isf((1 - confidence) / 2, max(n - 1, 1)) * se
    rose, fell = int((moved > 0).sum()), int((moved < 0).sum())
    whole = panel.usable.all(axis=1)
    friedman = stats.friedmanchisquare(*panel.rate[whole]).pvalue if whole.sum() > 2 else np.nan
    p = _Fit(panel).chance(draws, seed)
    row = {
        "groups": n, "years": len(panel.years), "year_before": panel.years[0], "year_after": panel.years[-1],
        "rate_before": joint[0], "rate_after": joint[1], "value": value,
        "low": max(value - half, -joint[0]), "high": min(value + half, max(joint[1], 1.0) - joint[0]),
        "se": se, "verdict": "rose" if value - half > 0 else "fell" if value + half < 0 else "alike", "rose": rose,
        "fell": fell, "p_sign": stats.binomtest(rose, rose + fell).pvalue if rose + fell else np.nan,
        "p_value": p, "p_friedman": friedman, "is_apart": p <= 1 - confidence,
    }  # fmt: skip
    return pd.DataFrame([row]).assign(confidence=confidence, method="linearised by groups")
