"""Bands and grades: half-open, and decided exactly."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from perflib.data.rule_shape import Band, Rules
from perflib.data.text import say
from perflib.measure.ratio import NANO, as_nano, count_reached, exceeds, ratio_of_sums, reaches


def grade_scores(scores: pd.Series, rules: Rules) -> pd.DataFrame:
    """`grade` and `reason` of each score, on its index.

    `grade` is a key of the rule's bands ("excellent", "good", "fair", "poor"), NA with a reason where
    there is no score (`not_reported`) or it lies outside the scale (`above_range`, `below_range`).

    >>> from perflib.data.rules import load_rules
    >>> grade_scores(pd.Series([90, 79.995, 80, 101]), load_rules("national-2020"))["grade"].tolist()
    ['excellent', 'fair', 'good', nan]
    """
    return band_of_values(scores, rules["grades"]).rename(columns={"band": "grade"})


def read_grades(words: pd.Series, rules: Rules) -> pd.Series:
    """Keys of the grades that were reported as 优, 良 ... or Excellent, Good ...; NA for other words."""
    known = {word: b.key for b in rules["grades"] for word in (b.key, b.zh, b.en, b.en.lower())}
    # 合格 and 不合格 are printed in some final accounts for the two lower grades.
    known |= {
        "合格": "fair",
        "不合格": "poor",
        "优秀": "excellent",
        "良好": "good",
        "中等": "fair",
        "较差": "poor",
    }
    keys = {band.key for band in rules["grades"]}
    return words.astype("str").str.strip().map({w: k for w, k in known.items() if k in keys}).astype("str")


def count_grades(scores: pd.Series, rules: Rules) -> pd.DataFrame:
    """One row per grade, best first, with `count` and its `share` of the graded; then `none` for the rest.

    Every grade has its row, with 0 where nobody has it; the counts sum to the number of scores.
    """
    graded = grade_scores(scores, rules)["grade"]
    order = [band.key for band in reversed(in_order(rules["grades"]))]
    counts = graded.value_counts().reindex(order, fill_value=0)
    total = pd.Series(counts.sum(), index=counts.index)
    share = ratio_of_sums(counts, total)["rate"]
    table = pd.DataFrame({"grade": order, "count": counts.to_numpy("int64"), "share": share.to_numpy()})
    rest = pd.DataFrame({"grade": ["none"], "count": [int(graded.isna().sum())], "share": [np.nan]})
    return pd.concat([table, rest], ignore_index=True)


def label_grades(frame: pd.DataFrame, *, rules: Rules, lang: str) -> pd.DataFrame:
    """`frame` with `grade_label` (and `grade_by_rule_label`) beside its `grade` (and `grade_by_rule`), in words.

    >>> from perflib.data.rules import load_rules
    >>> frame = pd.DataFrame({"grade": ["excellent"]})
    >>> label_grades(frame, rules=load_rules("national-2020"), lang="zh")["grade_label"].item()
    '优'
    """
    words = {band.key: band.label(lang) for band in rules.grades} | {"none": say("show_self.no_grade", lang)}
    named = {f"{c}_label": frame[c].map(words) for c in ("grade", "grade_by_rule") if c in frame}
    return frame.assign(**named)


def in_order(bands: Sequence[Band]) -> list[Band]:
    """`bands` from the lowest to the highest."""
    lowest = Decimal("-Infinity")
    return sorted(bands, key=lambda band: lowest if band.lower is None else band.lower)


def band_of_values(values: pd.Series, bands: Sequence[Band]) -> pd.DataFrame:
    """`band` (its key) and `reason` of each of `values`, on their index.

    `lower` belongs to a band, `upper` to the next one; the highest band holds its `upper` too.
    NA where there is no number (`not_reported`) or where no band reaches (`above_range`,
    `below_range`): nothing is clipped and nothing is rounded.
    """
    return _band(as_nano(values), NANO, pd.isna(values).to_numpy(), bands, values.index)


def band_of_ratios(
    numerator: np.ndarray, denominator: np.ndarray, unknown: np.ndarray, bands: Sequence[Band]
) -> pd.DataFrame:
    """The same of ratios of whole numbers (see `perflib.measure.ratio`); denominators are above 0."""
    return _band(numerator, denominator, unknown, bands, pd.RangeIndex(len(numerator)))


def _band(numerator, denominator, unknown, bands, index) -> pd.DataFrame:
    ordered = in_order(bands)
    passed = count_reached(numerator, denominator, [band.lower for band in ordered[1:]])
    keys = np.array([band.key for band in ordered], dtype=object)[passed]
    reason = np.full(len(keys), None, dtype=object)
    first, last = ordered[0], ordered[-1]
    if first.lower is not None:
        reason[~reaches(numerator, denominator, first.lower)] = "below_range"
    if last.upper is not None:
        reason[exceeds(numerator, denominator, last.upper)] = "above_range"
    reason[unknown] = "not_reported"
    band = pd.Series(keys, dtype="str").where(pd.isna(reason))
    return pd.DataFrame({"band": band, "reason": pd.Series(reason, dtype="str")}).set_axis(index)
