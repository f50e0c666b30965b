"""What a set of evaluation rules holds: frozen sections with exact numbers and their sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from perflib.data.contract import Named
from perflib.data.errors import DataError
from perflib.data.text import say

STAGES = (
    "appraisal", "targets", "monitoring", "execution", "adjustments", "self_evaluation", "spot_check",
    "key_evaluation", "assessment", "findings",
)  # fmt: skip
BY_DATE = "by_date"
SURENESS = ("verified", "digest", "general_knowledge", "own_choice")
WEIGHTS = ("execution", "indicators", "decision", "process", "cost", "output", "effect", "satisfaction")
CONSEQUENCES = ("priority", "keep", "compress", "cancel")

CHECKS = (
    "no_quantity", "no_words", "no_unit", "no_direction", "equal_without_target", "text_for_quantity",
    "zero_target", "vague_wording", "weights_off", "same_as_last_year", "below_last_year",
    "no_cost_indicator", "satisfaction_without_survey", "impossible_combination", "repeated_indicator",
)  # fmt: skip


@dataclass(frozen=True)
class Band(Named):
    """One half-open band [lower, upper) with its words; None means no limit on that side."""

    key: str
    zh: str
    en: str
    lower: Decimal | None = None
    upper: Decimal | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """Execution below `share` at the end of `month` is warned."""

    month: int
    share: Decimal


@dataclass(frozen=True)
class Words(Named):
    """The same words in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Source(Named):
    """Where a rule comes from and how sure we are of it."""

    zh: str
    en: str
    sureness: str
    url: str | None = None

    def cite(self, lang: str) -> str:
        """The citation with how sure it is, in `lang`."""
        sureness = say(f"rules.{self.sureness}", lang)
        return say("rules.cite", lang, source=self.label(lang), sureness=sureness)

    def printed(self, lang: str) -> str | None:
        """The citation as a report prints it: only of a text that was verified, else None."""
        return self.label(lang) if self.sureness == "verified" else None


@dataclass(frozen=True)
class ExAnte:
    """Which projects owe an ex-ante appraisal; the threshold itself is in."""

    threshold: Decimal
    amount_columns: tuple[str, ...]
    is_new_only: bool = True
    classes: tuple[str, ...] = ()  # spending classes it holds for; none named: all


@dataclass(frozen=True)
class Scoring:
    """Caps of a self score; `zero_budget`: "not_applicable" (row dropped) or "divide_by_one"."""

    score_max: Decimal
    indicators_max: Decimal
    is_execution_capped: bool
    zero_budget: str


@dataclass(frozen=True)
class Deviation:
    """Lines of comparison: over_target is a ratio, the other two are points."""

    score_tolerance: Decimal
    score_gap: Decimal
    over_target: Decimal | None = None


@dataclass(frozen=True)
class Reasons:
    """Where a reason in words is required: execution below, adjustment above; shares."""

    execution_below: Decimal
    adjustment_above: Decimal


@dataclass(frozen=True)
class Official:
    """Lines of the official summary, shares: from where on an achievement is called one (`execution_reached`,
    `rectified`, `attained`), and from which share of the highest grade on self-scores tell too little (`top_grade`).
    """

    execution_reached: Decimal = Decimal("0.95")
    rectified: Decimal = Decimal("0.95")
    attained: Decimal = Decimal("0.9")
    top_grade: Decimal = Decimal("0.8")


@dataclass(frozen=True)
class Rating:
    """Scale of experts' ratings, and how many raters and items an agreement needs."""

    min: Decimal
    max: Decimal
    min_raters: int
    min_items: int


@dataclass(frozen=True)
class Warnings:
    """Lines and bands of monitoring; whatever a set does not give is None or empty."""

    is_overspending_warned: bool
    zero_budget: str
    execution_lines: tuple[Line, ...] = ()
    attainment_gap: Decimal | None = None
    pace_bands: tuple[Band, ...] = ()
    indicator_bands: tuple[Band, ...] = ()
    self_gap: Decimal | None = None
    self_execution: Decimal | None = None
    days_to_decide: int | None = None


@dataclass(frozen=True)
class Downgrade:
    """Factors on the score when finance grades 1, 2, 3 ... steps below the department."""

    factors: tuple[Decimal, ...]


@dataclass(frozen=True)
class Check:
    """One check of targets: whether it is on, and its parameters."""

    on: bool
    words: tuple[str, ...] = ()
    survey_words: tuple[str, ...] = ()
    percent_units: tuple[str, ...] = ()
    may_exceed_words: tuple[str, ...] = ()
    bounded_words: tuple[str, ...] = ()
    cost_words: tuple[str, ...] = ()
    count_units: tuple[str, ...] = ()
    totals: tuple[Decimal, ...] = ()
    ratio: Decimal | None = None


@dataclass(frozen=True)
class Rules:
    """One checked set of rules; see `perflib/rules/*.toml` for what each section means."""

    id: str
    title: Words
    source: Source
    valid_from: date
    calendar: Mapping[str, int | str]
    weights: Mapping[str, Decimal]
    grades: tuple[Band, ...]
    scoring: Scoring
    deviation: Deviation
    reasons: Reasons
    rating: Rating
    warning: Warnings
    qualitative: tuple[Band, ...]
    checks: Mapping[str, Check]
    consequences: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    weights_with_cost: Mapping[str, Decimal] | None = None
    ex_ante: ExAnte | None = None
    official: Official = Official()
    verdicts: tuple[Band, ...] = ()
    downgrade: Downgrade | None = None
    valid_to: date | None = None
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[Path, ...] = ()

    def cite(self, lang: str, section: str | None = None) -> str:
        """Citation of the set, or of one `section`, which may be inherited, with how sure it is.

        >>> from perflib.data.rules import load_rules
        >>> load_rules("binjiang-2023").cite("zh", "weights")
        '财预〔2020〕10号《项目支出绩效评价管理办法》（一般知识，未与原文核对）'
        """
        return self.source_of(section).cite(lang)

    def grade_names(self, lang: str) -> dict[str, str]:
        """Words for each key of a grade, in `lang`.

        >>> from perflib.data.rules import load_rules
        >>> load_rules("national-2020").grade_names("zh")["excellent"]
        '优'
        """
        return {band.key: band.label(lang) for band in self.grades}

    def source_of(self, section: str | None) -> Source:
        return self.sources.get(section or "", self.source)

    def __getitem__(self, section: str) -> Any:
        """Section `section`; DataError if this set does not have it."""
        found = getattr(self, section)
        if found is None or found == ():
            raise DataError("rules.no_section", rules=self.id, section=section)
        return found
