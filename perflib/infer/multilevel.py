"""How much of the difference is the district's at all: projects in departments in districts.

y = mean + district + department(district) + error, by restricted maximum likelihood. The nested model has a
closed form per block, so the likelihood is exact, takes weights and reaches a variance of 0; statsmodels'
MixedLM takes no weights and stops short of 0. It is the twin in the tests.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from perflib.data.errors import DataError
from perflib.infer.rates import decided
from perflib.measure.rates import decisions
from perflib.measure.tally import like

_LARGEST = 1e6
_AT_ZERO = 1e-6  # a variance below this share of the error's is a variance of 0


def variance_parts(
    projects: pd.DataFrame, *, unit: str = "district", base: str = "adjusted", together: str = "policy"
) -> pd.DataFrame:
    """How much of the variance of rates lies between units, between their departments, between projects.

    One row per `level` ("district", "department" where units have several, "project"): `groups`, `spread` (standard
    deviation), `share` of the variance of a project of average size, `p_value` of the first; see `fit_multilevel`.
    No row for fewer than three units, or where all rates are the same.

    >>> import perflib as pf
    >>> parts = pf.variance_parts(pf.load("sample").projects.query("year == 2023"))
    >>> bool(abs(parts["share"].sum() - 1) < 1e-9)
    True
    """
    rated, column = decided(projects, unit, base=base, together=together)
    usual = rated.groupby(unit)["department"].nunique().median() if "department" in rated else 0
    keys = [unit, *(["department"] if usual >= 2 else [])]
    rows = decisions(rated, by=keys, together=column)
    rows = rows[rows["budget"] > 0].reset_index(drop=True)
    names = ["level", "groups", "spread", "share", "p_value"]
    try:
        found = fit_multilevel(rows, district=unit, department=(keys[1:] or [None])[0], weight="budget")
    except DataError:
        return pd.DataFrame(columns=names)
    return like(found.assign(spread=np.sqrt(found["variance"]))[names], projects)


@dataclass(frozen=True)
class _Blocks:
    """Weighted sums of z = (1, y) in departments, and which district each department is in."""

    weight: np.ndarray  # Σw per department
    sums: np.ndarray  # Σwz per department, z = (1, y)
    cross: np.ndarray  # Σwzz' over all projects
    district: np.ndarray
    rows: int
    log_weights: float
    nested: bool


def fit_multilevel(
    rates: pd.DataFrame, *, value: str = "rate", district: str = "district", department: str | None = "department",
    weight: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row per `level` (district, department, project): `variance`, `share` of the total, `groups`, `p_value`.

    Rows with an NA in any column used are left out. The district's share is the intraclass correlation, the p-value that
    of its variance. `weight` (the budget) makes a project's error variance inversely proportional to it.
    `department=None` fits two levels. Raises DataError for fewer than three districts or where nothing varies.
    """
    used = [c for c in (value, district, department, weight) if c]
    rows = rates[used].dropna().sort_values(used)
    numbers, names = pd.factorize(rows[district], sort=True)
    y = rows[value].to_numpy(dtype="float64")
    if len(names) < 3 or np.ptp(y) == 0:
        raise DataError("compare.nothing_to_split", districts=len(names), projects=len(rows))
    w = rows[weight].to_numpy(dtype="float64") if weight else np.ones(len(rows))
    inner = rows[department].to_numpy() if department else None
    blocks = _blocks(np.column_stack([np.ones(len(rows)), y]), w / w.mean(), numbers, inner)
    return _variances(blocks, _best_ratios(blocks), len(names))


def _blocks(z: np.ndarray, w: np.ndarray, district: np.ndarray, department: np.ndarray | None) -> _Blocks:
    """Without departments every project is a block of its own and only the district binds them."""
    nested = department is not None
    inner = pd.factorize(department)[0] if nested else np.arange(len(z))
    block = pd.factorize(district.astype("int64") * (inner.max() + 1) + inner, sort=True)[0]
    weight = np.bincount(block, w)
    sums = np.column_stack([np.bincount(block, w * c) for c in z.T])
    of_block = np.empty(len(weight), dtype=int)
    of_block[block] = district
    return _Blocks(weight, sums, (z * w[:, None]).T @ z, of_block, len(z), float(np.log(w).sum()), nested)


@dataclass(frozen=True)
class _Information:
    """Z'V⁻¹Z and log|V| in units of the error variance, and their slopes in both ratios."""

    matrix: np.ndarray
    log_det: float
    matrix_slopes: list[np.ndarray]
    log_det_slopes: list[float]


def _information(blocks: _Blocks, ratios: np.ndarray) -> _Information:
    """Two Sherman–Morrison steps: departments shrink their sums, districts shrink what is left."""
    to_district, to_department = ratios
    w, s = blocks.weight, 1 / (1 + to_department * blocks.weight)
    mass, mass_slope = (np.bincount(blocks.district, v) for v in (w * s, -((w * s) ** 2)))
    pulled, pulled_slope = (
        np.column_stack([np.bincount(blocks.district, c * v) for c in blocks.sums.T]) for v in (s, -w * s**2)
    )
    whole = 1 + to_district * mass
    lean = to_district / whole
    across = (pulled_slope * lean[:, None]).T @ pulled
    return _Information(
        matrix=blocks.cross - _squares(blocks.sums, to_department * s) - _squares(pulled, lean),
        log_det=-np.log(s).sum() + np.log(whole).sum() - blocks.log_weights,
        matrix_slopes=[
            -_squares(pulled, 1 / whole**2),
            -_squares(blocks.sums, s**2) - across - across.T + _squares(pulled, lean**2 * mass_slope),
        ],
        log_det_slopes=[(mass / whole).sum(), (w * s).sum() + (lean * mass_slope).sum()],
    )


def _squares(vectors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (vectors * weights[:, None]).T @ vectors


def _deviance(blocks: _Blocks, ratios: np.ndarray) -> tuple[float, np.ndarray]:
    """−2 × restricted log-likelihood, β and the error variance profiled out, and its slopes."""
    info = _information(blocks, ratios)
    beta, rest = _solved(info)
    inverse = np.linalg.inv(info.matrix[:-1, :-1])
    free = blocks.rows - len(beta)
    residual = np.append(-beta, 1.0)
    value = info.log_det - np.linalg.slogdet(inverse)[1] + free * (1 + np.log(2 * np.pi * rest / free))
    slopes = [
        d + (inverse * m[:-1, :-1]).sum() + free * (residual @ m @ residual) / rest
        for d, m in zip(info.log_det_slopes, info.matrix_slopes, strict=True)
    ]
    return value, np.array(slopes)


def _solved(info: _Information) -> tuple[np.ndarray, float]:
    """β, and the weighted sum of squares that is left."""
    xx, xy = info.matrix[:-1, :-1], info.matrix[:-1, -1]
    beta = np.linalg.solve(xx, xy)
    return beta, float(info.matrix[-1, -1] - xy @ beta)


def _best_ratios(blocks: _Blocks, *, with_district: bool = True) -> np.ndarray:
    """Variances of district and department over the error's; 0 is allowed."""
    free = np.array([with_district, blocks.nested])
    bounds = [(0, _LARGEST if f else 0) for f in free]
    options = {"ftol": 1e-13, "gtol": 1e-8}

    def search(start: list[float]) -> optimize.OptimizeResult:
        begin = np.array(start) * free
        return optimize.minimize(
            lambda r: _deviance(blocks, r), begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options
        )

    found = search([0.1, 0.3])
    if ((found.x < _AT_ZERO) & free).any():  # an optimum on the boundary is believed from two sides
        found = min(found, search([0.01, 0.02]), key=lambda f: f.fun)
    return np.where(found.x < _AT_ZERO, 0.0, found.x)


def _variances(blocks: _Blocks, ratios: np.ndarray, districts: int) -> pd.DataFrame:
    beta, rest = _solved(_information(blocks, ratios))
    found = np.array([*ratios, 1.0]) * rest / (blocks.rows - len(beta))
    groups = [districts, len(blocks.weight) if blocks.nested else 0, blocks.rows]
    table = pd.DataFrame(
        {
            "level": ["district", "department", "project"],
            "variance": found,
            "share": found / found.sum(),
            "groups": groups,
        }
    )
    without = _best_ratios(blocks, with_district=False)
    drop = _deviance(blocks, without)[0] - _deviance(blocks, ratios)[0]
    # On the boundary the statistic is half 0, half χ² with one degree of freedom.
    p = 0.5 * stats.chi2.sf(max(drop, 0), 1) if ratios[0] > 0 else 1.0
    table["p_value"] = [p, np.nan, np.nan]
    return table if blocks.nested else table[table["level"] != "department"].reset_index(drop=True)
