"""What a careful clerk would ask about: nothing here is wrong for certain, so nothing is refused.

Doubts are listed by `perflib check` and in its workbook; the pages do not print them.
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.contract import table as declared_table
from perflib.data.links import ID, cents_of, money
from perflib.data.periods import AsOf
from perflib.data.piece import Piece
from perflib.data.stack import Stack
from perflib.data.units import plain

JUMP = 3  # times the initial budget that an adjusted budget is asked about
FEW = 4  # times as many rows has the fullest year as one that may be a slip
TYPED = 1.5  # a share above this was typed as a per cent
LOW = 0.7  # a last year whose rate is below this part of the usual one may be in course
# times the next amount: as far as 元 taken for 万元 puts the amounts of some rows from the others
APART = 1000
# what a district may also be called by
PARTS = (r"\d{4,}", r"(?<=[省市州])[^省市州]{2,}$", r"^.+(?=[市区县旗]$)")
# no date on which it was made
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*(?:年(?!\s*\d{1,2}\s*月)|财年))")
LEAST_RUN = 2  # blanks under one another that look like a merged cell
DIGITS = "0123456789一二三四五六七八九十东西南北"
PLACES = re.compile(r"^(?:[\u4e00-\u9fff]{2,3}(?<![社小园校片景地山库林矿新])[市区县]|[市区县])(?=.{3})")


def find_doubts(stacks: dict[str, Stack], pieces: list[Piece], as_of: AsOf | None) -> pd.DataFrame:
    """All doubts, one row each, in the form of `problems`."""
    projects = stacks["projects"]
    found = []
    for doubt in (_jumps, _made_codes, _years_apart, _amounts_apart, _districts):
        found += doubt(projects)
    found += [*_in_course(projects, as_of), *_title_years(projects, pieces)]
    found += _progress(projects, stacks["progress"]) if "progress" in stacks else []
    found += _hundredfold(stacks["indicators"]) if "indicators" in stacks else []
    for stack in stacks.values():
        found += [*_typed(stack), *_alike(stack)]
    for stack in (s for name, s in stacks.items() if name != "projects"):
        found += _unused(projects, stack)
    for piece in pieces:
        found += _blank_blocks(piece)
    return problems.join(found)


def _jumps(projects: Stack) -> Iterator[pd.DataFrame]:
    """Adjusted budgets above three times the initial one."""
    if not {"initial_budget", "adjusted_budget"} <= set(projects.frame):
        return
    before, after = (cents_of(projects.frame, c) for c in ("initial_budget", "adjusted_budget"))
    at = np.flatnonzero((before > 0) & (after > JUMP * before))
    told = {"found": money(after[at]), "expected": money(before[at])}
    yield projects.report("adjusted_jump", "doubt", "adjusted_budget", at, **told)


def _made_codes(projects: Stack) -> Iterator[pd.DataFrame]:
    if "is_code_made" not in projects.frame or "name" not in projects.frame:
        return
    at = np.flatnonzero(projects.frame["is_code_made"].fillna(False).to_numpy(bool))
    yield projects.report("code_made", "doubt", "name", at, found=projects.frame["name"].iloc[at].tolist())


def _years_apart(projects: Stack) -> Iterator[pd.DataFrame]:
    """Few rows of a year that no other year is beside: 2032 for 2023."""
    rows = projects.frame["year"].value_counts().sort_index()
    years, count = rows.index.to_numpy(float), rows.to_numpy()
    gaps = np.append(np.inf, np.append(np.diff(years), np.inf))
    is_apart = (np.minimum(gaps[1:], gaps[:-1]) > 1) & (FEW * count <= count.max(initial=0))
    at = np.flatnonzero(projects.frame["year"].isin(years[is_apart]).to_numpy(bool))
    others = years[~is_apart].astype(int)
    told = f"{others[0]}–{others[-1]}" if len(others) > 1 else "".join(map(str, others))
    found = projects.frame["year"].iloc[at].astype(str).tolist()
    yield projects.report("year_apart", "doubt", "year", at, found=found, expected=told)


def _title_years(projects: Stack, pieces: list[Piece]) -> Iterator[pd.DataFrame]:
    """Sheets whose title names years of which they have no row."""
    for number, piece in enumerate(p for p in pieces if p.table.is_required):
        at = np.flatnonzero(projects.piece == number)
        years = {int(y) for y in YEAR.findall(piece.title)}
        own = sorted(projects.frame["year"].iloc[at].dropna().astype(int).unique())
        if years and own and not years & set(own):
            told = {"found": ", ".join(map(str, sorted(years))), "expected": ", ".join(map(str, own))}
            yield projects.report("title_year", "doubt", "year", at[:1], **told)


def _amounts_apart(projects: Stack) -> Iterator[pd.DataFrame]:
    """A few rows whose amounts are a thousand times those of all others, or a thousandth: 元 for 万元."""
    name = next((n for n in ("adjusted_budget", "initial_budget", "executed") if n in projects.frame), "")
    cents = cents_of(projects.frame, name) if name else np.array([], int)
    order = np.sort(cents[cents > 0])
    gaps = np.flatnonzero(order[1:] >= APART * order[:-1])
    if len(gaps) != 1:
        return
    low, high = order[gaps[0]], order[gaps[0] + 1]
    is_few = FEW * np.array([gaps[0] + 1, len(order) - gaps[0] - 1]) <= len(order)
    at = np.flatnonzero(((cents > 0) & (cents <= low) & is_few[0]) | ((cents >= high) & is_few[1]))
    told = {"found": money(cents[at]), "expected": money(np.where(cents[at] <= low, high, low))}
    yield projects.report("amounts_apart", "doubt", name, at, **told)


def _districts(projects: Stack) -> Iterator[pd.DataFrame]:
    """Districts that may be one: a code beside names, or with its name; 东城 beside 东城区 and 北京市东城区."""
    codes = projects.frame["district"].dropna().astype("str").drop_duplicates()
    known, code = set(codes), next((c for c in codes if c.isdigit()), "")
    found = []
    for at, name in codes[~codes.str.isdigit()].items():
        parts = [hit[0] for shape in PARTS if (hit := re.search(shape, name))]
        if other := next((p for p in parts if p in known), "" if re.search(r"\d", name) else code):
            found.append((at, name, other))
    rows, names, others = zip(*found, strict=True) if found else ((), (), ())
    told = {"found": list(names), "expected": list(others)}
    yield projects.report("names_alike", "doubt", "district", np.array(rows, int), **told)


def _in_course(projects: Stack, as_of: AsOf | None) -> Iterator[pd.DataFrame]:
    """A last year far less spent than the years before it, of which nobody says that it is in course."""
    frame = projects.frame
    if as_of is not None or not {"adjusted_budget", "executed"} <= set(frame):
        return
    rows = frame.dropna(subset=["adjusted_budget", "executed"])
    sums = rows.groupby("year")[["adjusted_budget", "executed"]].sum()
    rates = (sums["executed"] / sums["adjusted_budget"].where(sums["adjusted_budget"] > 0)).dropna()
    rates = rates[rates > 0]
    if len(rates) < 2 or rates.iloc[-1] >= LOW * rates.iloc[:-1].median():
        return
    year = int(rates.index[-1])
    first = np.flatnonzero((frame["year"] == year).to_numpy())[:1]
    told = {"found": f"{rates.iloc[-1]:.1%}", "expected": f"{rates.iloc[:-1].median():.1%}"}
    yield projects.report("maybe_in_course", "doubt", "", first, **told)


def _progress(projects: Stack, progress: Stack) -> Iterator[pd.DataFrame]:
    """Spending to the end of December is the year's spending."""
    if "executed" not in projects.frame or not {"executed", "month"} <= set(progress.frame):
        return
    last = progress.frame.assign(at=range(len(progress.frame)), to_date=cents_of(progress.frame, "executed"))
    last = last[(last["month"] == 12) & last["executed"].notna()][[*ID, "at", "to_date"]]
    own = projects.frame[[*ID]].assign(own=cents_of(projects.frame, "executed"))
    own = own[projects.frame["executed"].notna().to_numpy()].drop_duplicates(ID)
    both = last.merge(own, on=ID)
    apart = both[both["to_date"] != both["own"]]
    told = {"found": money(apart["to_date"]), "expected": money(apart["own"])}
    yield progress.report("progress_differs", "doubt", "executed", apart["at"].to_numpy(), **told)


def _hundredfold(indicators: Stack) -> Iterator[pd.DataFrame]:
    """Results about a hundred times their target, or a hundredth of it, with a share on one side: 0.96 for 95."""
    if not {"target", "actual"} <= set(indicators.frame):
        return
    target, actual = (indicators.frame[n].to_numpy(float, na_value=np.nan) for n in ("target", "actual"))
    low, high = np.minimum(target, actual), np.maximum(target, actual)
    is_share = (low > 0) & (low < 1) & (high > TYPED) & (high <= 100)
    at = np.flatnonzero(is_share & (low * 100 > 0.5 * high) & (low * 100 < 1.5 * high))
    told = {"found": [f"{v:g}" for v in actual[at]], "expected": [f"{v:g}" for v in target[at]]}
    yield indicators.report("hundredfold", "doubt", "actual", at, **told)


def _typed(stack: Stack) -> Iterator[pd.DataFrame]:
    """Shares that were typed as per cent: 85 for 85 %."""
    for name in (n for n in stack.table.of_kind("share") if n in stack.frame):
        values = stack.frame[name].to_numpy(float, na_value=np.nan)
        at = np.flatnonzero(values > TYPED)
        told = [f"{v:g}" for v in values[at]]
        meant = [f"{v:g}%" for v in values[at]]
        yield stack.report("typed_percent", "doubt", name, at, found=told, expected=meant)


def _alike(stack: Stack) -> Iterator[pd.DataFrame]:
    """Names of departments and units that may be one: 卫生健康局 and 区卫健局, `Parks Dept` and `parks dept.`."""
    names = ("department", "unit") if stack.table.is_required else ("department",)
    for name in (n for n in names if {n, "district", "year"} <= set(stack.frame)):
        held = stack.frame[["district", "year", name]].assign(at=range(len(stack.frame))).dropna()
        first = held.drop_duplicates(["district", "year", name])
        names = first[name].unique().tolist()
        pairs = pd.DataFrame(alike_names(names), columns=[name, "other"])
        if pairs.empty:
            continue
        others = first.rename(columns={name: "other", "at": "there"})
        both = first.merge(pairs, on=name).merge(others, on=["district", "year", "other"])
        both = both.drop_duplicates([name, "other"])
        told = {"found": both[name].tolist(), "expected": both["other"].tolist()}
        yield stack.report("names_alike", "doubt", name, both["at"].to_numpy(), **told)


def alike_names(names: list[str]) -> Iterable[tuple[str, str]]:
    """Pairs of names that look alike, the rarer spelling's order not counted."""
    bare = {n: plain(PLACES.sub("", n)).replace("委员会", "委") for n in names}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, text in bare.items():
        if text:  # numbers in them must be the same
            groups.setdefault((text[0], text[-1], *(c for c in text if c in DIGITS)), []).append(name)
    for group in groups.values():
        for i, one in enumerate(group):
            yield from ((one, two) for two in group[i + 1 :] if _is_like(bare[one], bare[two]))


def _is_like(one: str, two: str) -> bool:
    """Whether one text is the other's short form."""
    short, long = sorted((one, two), key=len)
    if short == long:
        return True
    if short.isascii():
        return len(long) - len(short) == 1 and len(short) > 5 and _is_within(short, long)
    return len(short) >= 3 and len(long) <= 3 * len(short) + 1 and _is_within(short, long)


def _is_within(short: str, long: str) -> bool:
    rest = iter(long)
    return all(c in rest for c in short)


def _unused(projects: Stack, stack: Stack) -> Iterator[pd.DataFrame]:
    """Rows of a district or year that no page can use, as no project of it or its neighbours is there."""
    frame = stack.frame
    year = next((c for c in ("year", "budget_year") if c in frame), "")
    if not year or not len(frame):
        return
    years = projects.frame["year"]
    is_far = ~frame[year].between(years.min() - 1, years.max() + 1) & frame[year].notna()
    rows = frame.assign(at=range(len(frame)))
    if "district" in frame:
        is_far |= ~frame["district"].isin(projects.frame["district"].unique()) & frame["district"].notna()
    keys = [c for c in ("district", year) if c in frame]
    lost = rows[is_far.to_numpy(bool)].groupby(keys, dropna=False)["at"].agg(["first", "size"]).reset_index()
    at = lost["first"].to_numpy(int)
    yield stack.report("unused_rows", "doubt", "", at, found=[str(n) for n in lost["size"]])


def _blank_blocks(piece: Piece) -> Iterable[pd.DataFrame]:
    """Departments that stand once and are blank below, as merged cells leave them."""
    names = ("department", "unit", "section") if piece.table.is_required else ("department",)
    for name in (n for n in names if n in piece.frame):
        values = piece.frame[name]
        blank = values.isna().to_numpy()
        if blank.all() or blank.sum() < LEAST_RUN:
            continue
        starts = np.flatnonzero(blank & ~np.r_[False, blank[:-1]])
        ends = np.flatnonzero(blank & ~np.r_[blank[1:], False])
        mark, rows = piece.letters.get(name, ""), piece.rows
        for start, end in zip(starts, ends, strict=True):
            if start and end - start + 1 >= LEAST_RUN:
                cell = f"{mark}{rows[start]}:{mark}{rows[end]}" if mark else ""
                where = {"file": piece.grid.file, "sheet": piece.grid.sheet, "row": rows[start], "cell": cell}
                yield problems.report(
                    "blank_block", "doubt", piece.table.name, name, found=str(end - start + 1),
                    expected=str(values.iloc[start - 1]), **where,
                )  # fmt: skip


def totals(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Sums of every table's amounts, a row for each table, year and column: `table, year, column, rows, cents`."""
    out = []
    for name, frame in tables.items():
        year = next((c for c in ("year", "budget_year") if c in frame), "")
        amounts = [c for c in declared_table(name).of_kind("amount") if c in frame]
        for column in (c for c in amounts if frame[c].notna().any()):
            cents = pd.Series(to_cents(frame[column].to_numpy()), frame.index)
            held = frame[column].notna()
            if "month" in frame:  # to date: only the last month of a year is its sum
                held &= frame["month"] == frame.groupby(year)["month"].transform("max")
            by = frame[year] if year else pd.Series(0, frame.index)
            for when, part in cents[held].groupby(by[held]):
                out.append((name, int(when), column, len(part), int(part.sum())))
    return pd.DataFrame(out, columns=["table", "year", "column", "rows", "cents"])
