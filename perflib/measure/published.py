"""Does a published execution rate follow from the amounts beside it?"""

import numpy as np
import pandas as pd

from perflib.measure.rates import BASES

# Printed to two decimals a rate is within 0.005 points of the amounts; as an integer, within 0.5.
FLAGGED = ("contradicts", "spent_without_budget", "no_budget", "no_initial_budget", "unreadable")
ROUNDED = ("rounded_to_integer", "integer_padded", "truncated")
_NUMBER = r"^\s*(-?\d+)(?:\.(\d+))?\s*%?\s*$"


def check_published_rates(forms: pd.DataFrame) -> pd.DataFrame:
    """`forms` with both sides of each rate, the printed one, their difference, a status and two flags.

    `forms` has one row per published rate: `published_rate` as it was printed (text: "31.00%", "99",
    NA where nothing was printed), `executed`, and `adjusted_budget` and `initial_budget` (either may be
    NA or missing). The base is the adjusted budget where it is reported, else the initial one.
    `rate` and `published` are fractions, `difference` = published − rate in percentage points.
    `status` is, compared exactly and never through a rounded number:

    - `agrees`: the amounts give the printed rate, rounded half up at its printed decimals;
    - `rounded_to_integer` (99.10 printed 99), `integer_padded` (31.08 printed 31.00), `truncated`
      (95.457 printed 95.45): ways of printing, in `is_rounding`, not faults of substance;
    - `other_base`: contradicts the base but agrees with another, named in `agrees_with`;
    - `contradicts`: none of these (33.43 printed 100);
    - `spent_without_budget`, `no_budget`: a rate was printed on a budget of 0;
    - `no_initial_budget`: agrees with the adjusted budget, and there was no initial one;
    - `unreadable`: the printed text is no number; `not_checkable`: no rate printed, or an amount is NA.

    `is_flagged` marks `contradicts`, `unreadable` and the three of a budget of 0. Nothing is overwritten.
    """
    rows = _with_amounts(forms)
    printed = _printed(forms["published_rate"])
    base = pd.Series(np.where(rows["adjusted_budget"].notna(), "adjusted", "initial"), index=forms.index)
    under = rows["adjusted_budget"].fillna(rows["initial_budget"])
    return _judged(forms, rows, printed, base, under)


def _with_amounts(forms: pd.DataFrame) -> pd.DataFrame:
    columns = ["executed", *BASES.values()]
    return forms.reindex(columns=columns).astype("float64")


def _printed(text: pd.Series) -> pd.DataFrame:
    """Whole units of the last printed digit, how many decimals, and whether there was text at all."""
    clean = text.astype("string").str.replace("％", "%").str.strip()
    parts = clean.str.extract(_NUMBER)
    decimals = parts[1].str.len().fillna(0).where(parts[0].notna())
    units = pd.to_numeric(parts[0] + parts[1].fillna(""))
    given = clean.notna() & (clean != "")
    return pd.DataFrame(
        {"units": units.astype("float64"), "decimals": decimals.astype("float64"), "given": given}
    )


def _judged(forms, rows, printed, base, under) -> pd.DataFrame:
    checks = {name: _compare(rows["executed"], rows[column], printed) for name, column in BASES.items()}
    chosen = _compare(rows["executed"], under, printed)
    other = _other_base(checks, base)
    status = np.select(
        [
            ~printed["given"],
            printed["units"].isna(),
            rows["executed"].isna() | under.isna(),
            (under == 0) & (rows["executed"] != 0),
            under == 0,
            (chosen == "agrees") & (base == "adjusted") & (rows["initial_budget"] == 0),
            chosen != "contradicts",
            other.notna(),
        ],
        [
            "not_checkable", "unreadable", "not_checkable", "spent_without_budget", "no_budget",
            "no_initial_budget", chosen, "other_base",
        ],
        default="contradicts",
    )  # fmt: skip
    rate = rows["executed"] / under.where(under > 0)
    published = printed["units"] / 10 ** (printed["decimals"] + 2)
    return forms.assign(
        base=base.where(under.notna()),
        budget=under,
        rate=rate,
        published=published,
        difference=100 * (published - rate),
        agrees_with=other.where(status == "other_base"),
        status=status,
        is_rounding=np.isin(status, ROUNDED),
        is_flagged=np.isin(status, FLAGGED),
    )


def _compare(executed: pd.Series, budget: pd.Series, printed: pd.DataFrame) -> pd.Series:
    """How the printed number follows from the amounts: whole cents against whole printed units."""
    usable = executed.notna() & (budget > 0) & printed["units"].notna()
    over, under = _whole(executed * 100, usable), _whole(budget * 100, usable, blank=1)
    places = _whole(printed["decimals"], usable)
    units = _whole(printed["units"], usable)
    scale = 10 ** (places + 2)
    near, below = _half_up(over * scale, under), (over * scale) // under
    integer = _half_up(over * 100, under)
    decimals = places > 0
    exact = (over * 100) % under == 0
    # 0.01 points is the tolerance of a rate printed as an integer, before it counts as rounding
    tiny = np.abs(over * 100 - integer * under) * 100 <= under
    found = np.select(
        [
            ~usable,
            (units == near) & (decimals | exact | tiny),
            units == near,
            decimals & (units == integer * 10**places),
            units == below,
        ],
        ["contradicts", "agrees", "rounded_to_integer", "integer_padded", "truncated"],
        default="contradicts",
    )
    return pd.Series(found, index=executed.index)


def _whole(values: pd.Series, usable: pd.Series, blank: int = 0) -> np.ndarray:
    """Python integers, which don't overflow when cents are scaled to the printed decimals."""
    return np.array([int(v) for v in values.where(usable, blank).round()], dtype=object)


def _half_up(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return (2 * over + under) // (2 * under)


def _other_base(checks: dict[str, pd.Series], base: pd.Series) -> pd.Series:
    found = pd.Series(np.nan, index=base.index, dtype="object")
    for name, check in checks.items():
        fits = (check != "contradicts") & (base != name) & found.isna()
        found = found.where(~fits, name)
    return found
