"""Checks of a rule set as a whole: bands without gap or overlap, weights that sum, values in range."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from perflib.data.errors import DataError, Wording
from perflib.data.rule_shape import CONSEQUENCES, STAGES, SURENESS, Band, Line, Rules

# Shares are written as fractions; 90 instead of 0.9 would switch a rule off without a word.
_SHARES = {
    "reasons": ("execution_below", "adjustment_above"),
    "official": ("execution_reached", "rectified", "attained", "top_grade"),
    "warning": ("attainment_gap", "self_gap", "self_execution"),
}
_CHOICES = {
    ("scoring", "zero_budget"): ("not_applicable", "divide_by_one"),
    ("warning", "zero_budget"): ("reason", "red"),
}


def check_rules(rules: Rules, origins: Mapping[str, Path]) -> None:
    """Raises DataError for the first fault of `rules`; `origins` says which file each section is of."""
    _check_choices(rules, origins)
    _check_weights(rules, origins)
    full = (Decimal(0), rules.scoring.score_max)
    check_bands(origins.get("grades"), "grades", rules.grades, full)
    check_bands(origins.get("verdicts"), "verdicts", rules.verdicts, (rules.rating.min, rules.rating.max))
    check_bands(origins.get("qualitative"), "qualitative", rules.qualitative, (Decimal(0), Decimal(1)))
    for name in ("pace_bands", "indicator_bands"):
        check_bands(origins.get("warning"), f"warning.{name}", getattr(rules.warning, name), None)
    _check_consequences(rules, origins)
    _check_lines(origins["warning"], rules.warning.execution_lines)
    _check_shares(rules, origins)
    _check_order(rules, origins)


def check_bands(
    file: Path | None, key: str, bands: Sequence[Band], full: tuple[Decimal, Decimal] | None
) -> None:
    """Raises DataError unless `bands` join without gap or overlap, and cover `full` if it is given.

    A band without `lower` or `upper` is open on that side; only the lowest and the highest may be.
    """
    if not bands:
        return
    low = Decimal("-Infinity")
    ordered = sorted(bands, key=lambda band: low if band.lower is None else band.lower)
    for below, above in pairwise(ordered):
        _check_joint(file, key, below, above)
    for band in ordered:
        if band.lower is not None and band.upper is not None and band.lower >= band.upper:
            raise _fault("rules.empty_band", file, key, band=band.key, lower=band.lower, upper=band.upper)
    if len({band.key for band in bands}) < len(bands):
        raise _fault("rules.repeated_band", file, key, found=", ".join(band.key for band in bands))
    first, last = ordered[0], ordered[-1]
    start, end = full if full else (None, None)
    if first.lower is not None and (start is None or first.lower > start):
        raise _fault("rules.band_start", file, key, band=first.key, found=first.lower, expected=_limit(start))
    if last.upper is not None and (end is None or last.upper < end):
        raise _fault("rules.band_end", file, key, band=last.key, found=last.upper, expected=_limit(end))


def _limit(value: Decimal | None) -> Decimal | Wording:
    return Wording("rules.no_limit") if value is None else value


def _check_joint(file, key: str, below: Band, above: Band) -> None:
    words = {"below": below.key, "above": above.key}
    if below.upper is None or above.lower is None or below.upper > above.lower:
        start = "-∞" if above.lower is None else above.lower
        end = "∞" if below.upper is None else below.upper
        raise _fault("rules.bands_overlap", file, key, **words, start=start, end=end)
    if below.upper < above.lower:
        raise _fault("rules.bands_gap", file, key, **words, start=below.upper, end=above.lower)


def _check_weights(rules, origins) -> None:
    for key in ("weights", "weights_with_cost"):
        weights = getattr(rules, key)
        if weights is None:
            continue
        negative = next((name for name, weight in weights.items() if weight < 0), None)
        if negative:
            raise _fault(
                "rules.out_of_range", origins[key], f"{key}.{negative}", found=weights[negative], range="≥ 0"
            )
        total = sum(weights.values())
        if total != rules.scoring.score_max:
            parts = " + ".join(f"{name} {weight}" for name, weight in weights.items())
            expected = rules.scoring.score_max
            raise _fault("rules.weights_sum", origins[key], key, found=total, parts=parts, expected=expected)


def _check_lines(file: Path, lines: Sequence[Line]) -> None:
    months = [line.month for line in lines]
    if months != sorted(set(months)) or any(not 1 <= month <= 12 for month in months):
        raise _fault("rules.lines_order", file, "warning.execution_lines", found=", ".join(map(str, months)))
    for i, line in enumerate(lines, 1):
        _check_share(file, f"warning.execution_lines[{i}].share", line.share)


def _check_shares(rules, origins) -> None:
    for section, names in _SHARES.items():
        for name in names:
            _check_share(origins[section], f"{section}.{name}", getattr(getattr(rules, section), name))
    for i, factor in enumerate(rules.downgrade.factors if rules.downgrade else (), 1):
        _check_share(origins["downgrade"], f"downgrade.factors[{i}]", factor)


def _check_share(file: Path, key: str, found: Decimal | None) -> None:
    if found is not None and not 0 <= found <= 1:
        raise _fault("rules.not_a_share", file, key, found=found)


def _check_order(rules, origins) -> None:
    """What must be positive or in order: rating scale, threshold, validity, offsets."""
    if rules.rating.min >= rules.rating.max:
        found = f"{rules.rating.min} – {rules.rating.max}"
        raise _fault("rules.out_of_range", origins["rating"], "rating", found=found, range="min < max")
    if rules.ex_ante and rules.ex_ante.threshold < 0:
        found = rules.ex_ante.threshold
        raise _fault("rules.out_of_range", origins["ex_ante"], "ex_ante.threshold", found=found, range="≥ 0")
    if rules.valid_to and rules.valid_to < rules.valid_from:
        found = f"{rules.valid_from} – {rules.valid_to}"
        raise _fault(
            "rules.out_of_range", origins["valid_to"], "valid_to", found=found, range="valid_from ≤ valid_to"
        )
    for stage, offset in rules.calendar.items():
        if offset != "by_date" and (isinstance(offset, str) or not -5 <= offset <= 1):
            key = f"calendar.{stage}"
            raise _fault(
                "rules.out_of_range", origins["calendar"], key, found=offset, range="-5 … 1, by_date"
            )


def _check_choices(rules, origins) -> None:
    _check_choice(origins["source"], "source.sureness", rules.source.sureness, SURENESS)
    for section, source in rules.sources.items():
        key = f"source_of.{section}"
        _check_choice(origins.get(key, origins.get(section)), f"{key}.sureness", source.sureness, SURENESS)
    for (section, name), allowed in _CHOICES.items():
        _check_choice(origins[section], f"{section}.{name}", getattr(getattr(rules, section), name), allowed)
    for grade, consequence in rules.consequences.items():
        _check_choice(origins["consequences"], f"consequences.{grade}", consequence, CONSEQUENCES)
    for stage in STAGES:
        if stage not in rules.calendar:
            raise DataError("rules.missing_key", file=origins["calendar"].name, place=f"calendar.{stage}")


def _check_consequences(rules, origins) -> None:
    """Every consequence must be of a grade that there is; the younger of the two files is at fault."""
    grades = [band.key for band in rules.grades]
    for grade in rules.consequences:
        file = min((origins["grades"], origins["consequences"]), key=rules.files.index)
        _check_choice(file, "consequences", grade, grades)


def _check_choice(file: Path | None, key: str, found: str, allowed: Sequence[str]) -> None:
    if found not in allowed:
        raise _fault("rules.not_a_choice", file, key, found=found, expected=", ".join(allowed))


def _fault(wording: str, file: Path | None, key: str, **fields) -> DataError:
    return DataError(wording, file=file.name if file else "", place=key, **fields)
