"""How a value is printed: per cent, 万元, dates, in Chinese and in English."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from numbers import Number

import pandas as pd
from babel.dates import format_date, get_month_names
from babel.numbers import format_decimal

from perflib.data.text import has_text, locale_of, say

UNITS = (
    "share", "points", "difference", "money", "count", "score", "date", "text", "rule", "year", "month",
    "ratio", "tested", "places", "chance", "limit",
)  # fmt: skip
_PATTERNS = {
    "share": "#,##0.0", "points": "#,##0.0", "score": "#,##0.00", "count": "#,##0", "ratio": "#,##0.00",
    "tested": "#,##0.000", "places": "#,##0.#", "chance": "#,##0.00",
}  # fmt: skip
_STEPS = ((10**8, "亿"), (10**4, "万"))
_MAGNITUDES = ((Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))


def is_missing(value) -> bool:
    """Whether `value` is None, NaN, NaT or pandas' NA."""
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def format_value(value, unit: str, lang: str, *, currency: str = "CNY", reason: str | None = None) -> str:
    """`value` as it is printed in `lang`; a missing one as "不适用（原因）" or "n/a (reason)".

    Shares (0-1) become per cent with one decimal, points percentage points, and the difference of two shares
    (0-1) percentage points too; money in Chinese is 亿元 from
    one hundred million on, 万元 from ten thousand on and 元 below, with at most two decimals, and the currency with its magnitude in English. A limit that somebody set is a
    share without needless decimals; places in a ranking are whole or halves; a chance too small for two
    decimals is printed as below the least; what is tested against a bound has three decimals, so that a near
    miss is seen. Halves are rounded up in size, from the shortest decimal form of the double, so that
    0.0125 prints 1.3 %.

    >>> format_value(0.9534, "share", "en"), format_value(98_660_000, "money", "zh")
    ('95.3%', '9,866万元')
    """
    assert unit in UNITS, f"`unit` must be one of {', '.join(UNITS)}, not {unit!r}"
    if is_missing(value):
        return missing_text(reason, lang)
    if unit in ("text", "rule"):
        return str(value)
    if unit == "year":
        return str(int(value))
    if unit == "month":
        return get_month_names("wide" if lang == "en" else "abbreviated", locale=locale_of(lang))[int(value)]
    if unit == "date":
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return format_date(day, "long", locale=locale_of(lang))
    if unit == "money":
        return _money(_decimal(value), lang, currency)
    if unit == "limit":
        return _with_unit(_plain(_decimal(value) * 100, "#,##0.######", lang), "share", lang)
    if unit == "chance":
        return _chance(value, lang)
    if unit == "difference":
        return format_value(float(_decimal(value) * 100), "points", lang)
    number = _decimal(value) * 100 if unit == "share" else _decimal(value)
    return _with_unit(_plain(number, _PATTERNS[unit], lang), unit, lang)


def format_cell(value, unit: str | None, lang: str) -> str:
    """`value` as it stands in a table cell: as in prose, but its unit stands in the column's head.

    A missing value is a dash; the reason has a column of its own. Text is left as it is.
    """
    if is_missing(value):
        return "—"
    if unit is None or unit in ("text", "rule") or isinstance(value, str):
        return _cell_of_unknown_unit(value, lang)
    if unit == "money" and lang == "zh":
        return _plain(_decimal(value) / 10_000, "#,##0.00", lang)
    if unit == "money":  # English tables print whole units: the cents stand in the CSV and in the workbook
        return _plain(_decimal(value), "#,##0", lang)
    if unit in ("points", "difference"):
        size = 1 if unit == "points" else 100
        return _plain(_decimal(value) * size, _PATTERNS["points"], lang)
    if unit in ("share", "chance") or unit not in _PATTERNS:
        return format_value(value, unit, lang)
    return _plain(_decimal(value), _PATTERNS[unit], lang)


def missing_text(reason: str | None, lang: str) -> str:
    """ "不适用（原因）" or "n/a (reason)", with the words for the reason code."""
    if not reason or is_missing(reason):
        return say("show_reasons.not_applicable", lang)
    key = f"show_reasons.{reason}"
    words = say(key, lang) if has_text(key) else str(reason)
    return say("show_reasons.not_applicable_because", lang, reason=words)


def unit_words(unit: str | None, lang: str, *, currency: str = "CNY") -> str:
    """The unit as it stands in a column's head or a figure's subtitle; empty where there is none."""
    if unit == "money":
        return say("show_units.money_column", lang, currency=currency_words(currency, lang))
    unit = "points" if unit == "difference" else unit
    return say(f"show_units.{unit}", lang) if unit and has_text(f"show_units.{unit}") else ""


def currency_words(currency: str, lang: str) -> str:
    """ "元", "欧元" or the code: what follows 万 in Chinese, what leads in English."""
    key = f"show_units.currency_{currency}"
    return say(key, lang) if has_text(key) else currency


def _cell_of_unknown_unit(value, lang: str) -> str:
    if isinstance(value, bool):
        return say(f"show_units.{'yes' if value else 'no'}", lang)
    if isinstance(value, date):
        return format_date(value, "yyyy-MM-dd", locale=locale_of(lang))
    if isinstance(value, Number):
        return _plain(_decimal(value), "0.######", lang)
    return str(value)


def _decimal(value) -> Decimal:
    return Decimal(str(value))


def _plain(number: Decimal, pattern: str, lang: str) -> str:
    places = len(pattern.partition(".")[2])
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    rounded = abs(rounded) if rounded == 0 else rounded  # no "-0.0"
    return format_decimal(rounded, pattern, locale=locale_of(lang)).replace("-", "−")


def _chance(value, lang: str) -> str:
    """A probability with two decimals; "<0.01" where that would print none."""
    least = Decimal("0.01")
    if 0 <= _decimal(value) < least / 2:
        return f"<{_plain(least, _PATTERNS['chance'], lang)}"
    return _plain(_decimal(value), _PATTERNS["chance"], lang)


def _with_unit(text: str, unit: str, lang: str) -> str:
    key = f"show_units.{unit}_printed"
    return say(key, lang, number=text) if has_text(key) else text


def _money(amount: Decimal, lang: str, currency: str) -> str:
    words = currency_words(currency, lang)
    if lang == "zh":
        size, name = next((step for step in _STEPS if abs(amount) >= step[0]), (1, ""))
        number = _plain(amount / size, "#,##0.00", lang).rstrip("0").rstrip(".")
        return say("show_units.money_printed", lang, number=f"{number}{name}", currency=words)
    for size, name in _MAGNITUDES:
        if abs(amount) >= size:
            number = f"{_plain(amount / size, '#,##0.00', lang)} {name}"
            return say("show_units.money_printed", lang, number=number, currency=words)
    pattern = "#,##0" if amount == amount.to_integral_value() or abs(amount) >= 1000 else "#,##0.00"
    return say("show_units.money_printed", lang, number=_plain(amount, pattern, lang), currency=words)
