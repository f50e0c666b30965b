"""What the public edition may not show: undisclosed projects, raters, unpublished findings, and small cells."""

from collections.abc import Sequence

import pandas as pd

from perflib.data.amounts import to_cents
from perflib.data.book import Book
from perflib.data.contract import table as declared_table
from perflib.data.whole import sha256

# Cells below five: the floor that statistical offices use for tables of counts (GSS, "Disclosure
# control for tables", 2014). Zero is no small cell: it names nobody.
SMALLEST = 5
DROPPED = {"ratings": ["opinion"]}
_LINKS = {
    "funds": ("project", ""), "progress": ("project", ""), "adjustments": ("project", ""),
    "indicators": ("subject", "subject_kind"), "evaluations": ("subject", "subject_kind"),
    "appraisals": ("subject", "subject_kind"), "findings": ("subject", "subject_kind"),
    "ratings": ("item", ""), "catalogue": ("item", "scope"),
}  # fmt: skip


def withhold(book: Book) -> Book:
    """`book` without what is not for the public; `withheld` counts the rows and amounts left out."""
    projects = book.tables["projects"]
    hidden = _hidden(projects)
    tables, withheld, codes = {}, [], set(projects.loc[hidden, "project"]) | set(projects.loc[hidden, "name"])
    for name, frame in book.tables.items():
        drop = hidden if name == "projects" else _about(name, frame, projects, hidden)
        withheld += _count(name, "undisclosed", frame[drop])
        if name == "findings":
            unpublished = ~drop & ~_published(frame)
            withheld += _count(name, "unpublished", frame[unpublished])
            drop |= unpublished
        tables[name] = _anonymous(name, frame[~drop].reset_index(drop=True))
    aside = book.set_aside.assign(key="") if "key" in book.set_aside else book.set_aside
    repairs = book.repairs.assign(example="") if "example" in book.repairs else book.repairs
    withheld = pd.DataFrame(withheld, columns=["table", "reason", "rows", "column", "amount"])
    warnings = _without(book.warnings, codes, tables)
    told = {"warnings": warnings, "doubts": book.doubts[:0], "set_aside": aside, "repairs": repairs}
    return book.holding(tables, withheld=withheld, edition="public", **told)


def _hidden(projects: pd.DataFrame) -> pd.Series:
    """Projects not marked public; a source that marks none at all is published data."""
    if "disclosure" not in projects or projects["disclosure"].isna().all():
        return pd.Series(False, index=projects.index)
    return (projects["disclosure"] != "public").fillna(True).astype(bool)


def _about(name: str, frame: pd.DataFrame, projects: pd.DataFrame, hidden: pd.Series) -> pd.Series:
    """Rows of another table about a hidden project: of that year, or of a year without the project."""
    nothing = pd.Series(False, index=frame.index)
    if name == "lineage":
        codes = set(projects.loc[hidden, "project"])
        return frame["from"].isin(codes) | frame["to"].isin(codes)
    if name == "names":
        return frame["name"].isin(set(projects.loc[hidden, "name"]) - set(projects.loc[~hidden, "name"]))
    if name not in _LINKS:
        return nothing
    code, kind = _LINKS[name]
    applies = frame[kind] == "project" if kind in frame else ~nothing
    year = next((y for y in ("year", "budget_year") if y in frame), None)
    rows = pd.DataFrame({"district": frame["district"], "project": frame[code]})
    gone = pd.MultiIndex.from_frame(projects.loc[hidden, ["district", "project"]])
    ever = pd.MultiIndex.from_frame(rows).isin(gone)
    if year is None:
        return applies & ever
    here = pd.MultiIndex.from_frame(rows.assign(year=frame[year]))
    shown = here.isin(pd.MultiIndex.from_frame(projects.loc[~hidden, ["district", "project", "year"]]))
    return applies & ever & ~shown


def _published(findings: pd.DataFrame) -> pd.Series:
    if "is_published" not in findings:
        return pd.Series(False, index=findings.index)
    return findings["is_published"].fillna(False).astype(bool)


def _count(name: str, reason: str, frame: pd.DataFrame) -> list[tuple]:
    if not len(frame):
        return []
    amounts = [c for c in declared_table(name).of_kind("amount") if c in frame]
    sums = [(name, reason, len(frame), c, int(to_cents(frame[c].to_numpy()).sum()) / 100) for c in amounts]
    return sums or [(name, reason, len(frame), "", 0.0)]


def _masked(names: pd.Series, mark: str) -> pd.Series:
    """Numbers instead of names, in an order that does not follow the names."""
    order = sorted(names.dropna().unique(), key=lambda n: sha256(n.encode()))
    return names.map({n: f"{mark}{i:03d}" for i, n in enumerate(order, 1)}).astype("str")


def _anonymous(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    out = frame.drop(columns=[c for c in DROPPED.get(name, []) if c in frame])
    if name == "ratings":
        return out.assign(rater=_masked(out["rater"], "R"))
    if name == "evaluations" and "evaluator" in out:
        kind = out.get("evaluator_kind", pd.Series("", index=out.index))
        named = (kind != "third_party").fillna(True).astype(bool) & (out["evaluator"] != "unit")
        return out.assign(evaluator=out["evaluator"].where(~named, _masked(out["evaluator"], "E")))
    return out


def _without(warnings: pd.DataFrame, codes: set[str], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Warnings that name no hidden project, and none about the tables of raters and findings."""
    if not len(warnings):
        return warnings
    parts = warnings["key"].fillna("").str.split(" / ")
    named = parts.map(lambda words: any(w in codes for w in words)) | warnings["found"].isin(codes)
    return warnings[~named & ~warnings["table"].isin(["ratings", "findings"])].reset_index(drop=True)


def is_small(count) -> bool:
    """Whether `count` is a count from one to four."""
    return count is not None and not pd.isna(count) and 0 < count < SMALLEST


def comparable(book: Book) -> Book:
    """`book` with the projects that may be set beside those of other districts.

    The public edition leaves out a district's year of fewer than five: its total, or that of all, would show them.
    """
    if book.edition != "public":
        return book
    projects = book.tables["projects"]
    few = projects.groupby(["district", "year"])["project"].transform("size") < SMALLEST
    return book.holding({**book.tables, "projects": projects[~few].reset_index(drop=True)})


def suppress_small_cells(
    frame: pd.DataFrame, *, count: str, related: Sequence[str], by: Sequence[str] = ()
) -> pd.DataFrame:
    """`frame` with small counts blanked, and with them what is worked out from the same rows.

    A row whose `count` is from one to four loses its count and its `related` values (NA). Since the
    sum of a group (`by`; the whole table without) is assumed known, one more row is blanked, the
    smallest of those left above zero, as long as the blanked rows of a group are a single one or
    hold fewer than five together. Adds the boolean column `is_suppressed`.

    >>> f = pd.DataFrame({"projects": [3, 40, 9], "executed": [1.0, 2.0, 3.0]})
    >>> suppress_small_cells(f, count="projects", related=["executed"])["projects"].tolist()
    [<NA>, 40, <NA>]
    """
    groups = list(by) or pd.Series(0, index=frame.index)
    flags = frame.groupby(groups, sort=False, dropna=False)[count].transform(small_cells).astype(bool)
    blanked = {count: frame[count].astype("Int64").mask(flags)}
    for name in related:
        numbers = frame[name].astype("Float64") if pd.api.types.is_numeric_dtype(frame[name]) else frame[name]
        blanked[name] = numbers.mask(flags)
    return frame.assign(**blanked, is_suppressed=flags)


def small_cells(counts: pd.Series) -> pd.Series:
    """Which of the counts of one group are not shown: the small ones, and the smallest other that protects them.

    >>> small_cells(pd.Series([3, 8, 20])).tolist(), small_cells(pd.Series([1, 2, 50, 60])).tolist()
    ([True, True, False], [True, True, True, False])
    """
    known = counts.fillna(0)
    small = (known > 0) & (known < SMALLEST)
    if not small.any():
        return small
    ordered = known[~small & (known > 0)].sort_values(kind="stable")
    # Blanked values, small ones first: enough are blanked when there are two that hold five together.
    is_lacking = small.sum() < 2 or known[small].sum() < SMALLEST
    extra = ordered.index[:1] if is_lacking else []
    return small | small.index.isin(extra)
