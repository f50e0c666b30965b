"""Which rows of a sheet are data: blank ones are skipped, totals and notes are set aside and listed."""

import re
from collections.abc import Callable

import numpy as np

from perflib.data.amounts import read_number
from perflib.data.contract import NUMERIC
from perflib.data.header import Header, match
from perflib.data.marks import is_error
from perflib.data.totals import MAYBE, MAYBE_PART, PART, SURE, by_sum, by_words
from perflib.data.words import Coded, coded, normal

NOTES = (
    "注", "备注", "说明", "制表", "填表", "填报", "制单", "审核", "复核", "经办", "负责人", "单位负责人", "单位盖章", "日期",
    "联系", "打印", "导出", "资料来源", "数据来源", "note", "source", "preparedby", "approvedby",
    "checkedby", "reviewedby", "signed",
)  # fmt: skip
PRESET = ("district", "year", "month")  # what a form may have filled in on lines that are not used
SECTION = re.compile(r"\s*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)])")
_ENOUGH = 3  # rows that make a sum no accident, in two columns or more
_ROUND = 1e-4  # as far as rounding may take a total from its sum
_EXACT = 9e13  # beyond it hundredths of a cent do not fit into whole numbers


def sort_rows(piece, header: Header) -> tuple[np.ndarray, np.ndarray, dict[str, Coded]]:
    """Positions of the rows that hold anything, why each is set aside ("": it is data; MAYBE: its word
    is like a total's, and its sums must tell), and their names and codes."""
    cells = piece.grid.cells
    filled = cells != ""
    filled[: header.first_data] = False
    at = np.flatnonzero(filled.any(axis=1))
    begins = coded(cells[at, filled[at].argmax(axis=1)])
    spaces = [r for r in _where(begins, at, str.isspace) if "".join(map(str, cells[r])).isspace()]
    if spaces:
        filled[spaces] = False
        at, begins = np.setdiff1d(at, spaces), begins[~np.isin(at, spaces)]
    reason = np.full(len(cells), "", dtype=object)
    known = piece.table.of_kind("text", "code", "year")
    words = {n: coded(cells[at, c]) for n, c in header.columns.items() if n in known}
    reason[_notes(piece, cells, filled, header, _where(begins, at, _is_note))] = "note_row"
    if (notes := _comments(piece, begins, at)).size:
        reason[notes] = "note_row"
        piece.report("comment_row", "warning", count=len(notes), row=list(piece.grid.number(notes)))
    reason[_repeated(piece, begins, at, header)] = "header_row"
    kind = _called(piece, words, len(at))
    # 按部门汇总 without a number is a heading
    is_said = (kind != "") & ((kind != MAYBE) | (reason[at] == ""))
    found = np.where(is_said, kind, reason[at])
    found[_second(piece, begins, at, found == "", header) :] = "other_table"
    return at, found, words


def _called(piece, words: dict[str, Coded], size: int) -> np.ndarray:
    """The kind of word for a total that stands in a row's names or codes, the surest; "" where none does."""
    out = np.full(size, "", dtype=object)
    for name in (n for n in piece.table.names if n in words):
        column = piece.table[name]
        may_be_total = {"total", "合计"} & {str(column.default), *column.values}
        if (column.is_filled or name in ("department", "unit")) and not may_be_total:
            here = np.append(by_words(words[name].distinct), "")[words[name].code]
            out = np.where((here != "") & ((out == "") | (here == PART) | (here == SURE)), here, out)
    return out


def set_totals(
    piece, reason: np.ndarray, amounts: dict[str, np.ndarray], cells: dict[str, np.ndarray | Coded]
) -> np.ndarray:
    """`reason` with the rows told by their sums; those that bear a code of their own are told of too.

    `amounts`: values by column, NaN where blank. A project of one year does not sum up some of another.
    """
    table = stacked(amounts, len(reason))
    codes, years = (coded(cells[n]).code if n in cells else None for n in ("project", "year"))
    reason = reason.copy()
    maybe = reason == MAYBE
    reason[maybe] = ""
    has_code = codes >= 0 if codes is not None else np.zeros(len(reason), bool)
    part = reason == MAYBE_PART
    reason[part] = np.where(has_code[part], "", PART)
    lacks_code = ~has_code & _lacking(cells, len(reason))
    headed = np.array([], int)
    if lacks_code.any():
        reason[_parts(table, np.isin(reason, ("", PART)) & lacks_code, reason == PART)] = PART
        is_head = _is_office(cells, lacks_code) | _is_numbered(cells)
        headed = np.flatnonzero(lacks_code & (reason == "") & is_head)
    size = block_sums(table, reason, lacks_code | maybe)
    size = np.where(size == 0, _rounded(table, reason, lacks_code), size)
    mixed = np.array([], int)
    if years is not None:
        own = np.flatnonzero((size > 0) & has_code & (size < (reason == "").sum() - 1))
        of_year = {y: np.where(years == y, reason, "other") for y in set(years[own])}
        within = {y: block_sums(table, mine, lacks_code | maybe) for y, mine in of_year.items()}
        mixed = own[[within[years[r]][r] == 0 for r in own]]
        size[mixed] = 0
    size[headed] = np.maximum(size[headed], _is_next(table, headed))  # an office with one project
    is_sum = size > 0
    found = is_sum | (maybe & lacks_code)
    reason[found] = SURE
    told = is_sum & (has_code | ~maybe)
    piece.warn("total_by_sum", piece.rows[told], [str(n) for n in size[told]])
    maybe[headed] = True
    doubt = (maybe & ~found) | (part & has_code) | (block_sums(table, reason, ~has_code, is_doubt=True) > 0)
    piece.warn("total_doubt", piece.rows[np.union1d(np.flatnonzero(doubt), mixed)])
    return reason


def _lacking(cells: dict[str, np.ndarray | Coded], size: int) -> np.ndarray:
    """Rows without a code, an office or a district where most of the others have one."""
    lacks = np.zeros(size, bool)
    for name in (n for n in ("project", "department", "unit", "district") if n in cells):
        is_there = coded(cells[name]).code >= 0
        lacks |= ~is_there & (2 * is_there.sum() > size)
    return lacks


def _is_office(cells: dict[str, np.ndarray | Coded], lacks: np.ndarray) -> np.ndarray:
    """Rows that are named as the department or unit of others is."""
    names = coded(cells["name"]) if "name" in cells else None
    held = [coded(cells[n]) for n in ("department", "unit") if n in cells]
    if names is None or not held:
        return np.zeros(len(lacks), bool)
    borne = [c.distinct[np.unique(c.code[~lacks & (c.code >= 0)])] for c in held]
    offices = {str(one).strip() for own in borne for one in own}
    return np.array([*(str(n).strip() in offices for n in names.distinct), False])[names.code]


def _is_numbered(cells: dict[str, np.ndarray | Coded]) -> np.ndarray | bool:
    """Rows whose name has the number of a section (一、住建局), or that say nothing of district or year."""
    names = coded(cells["name"]) if "name" in cells else None
    if names is None:
        return False
    is_section = np.array([*(bool(SECTION.match(str(n))) for n in names.distinct), False])[names.code]
    unplaced = [coded(cells[n]).code < 0 for n in ("district", "year") if n in cells]
    return np.logical_or.reduce([is_section, *(u for u in unplaced if 2 * u.sum() < len(u))])


def stacked(amounts: dict[str, np.ndarray], size: int) -> np.ndarray:
    """The amounts by column as `size` rows × columns, 0 where blank."""
    table = np.stack([*amounts.values()], axis=1) if amounts else np.zeros((size, 0))
    return np.nan_to_num(table, nan=0.0, posinf=0.0, neginf=0.0)


def _parts(table: np.ndarray, is_sub: np.ndarray, is_part: np.ndarray) -> np.ndarray:
    """Rows without a code right below one that has it and whose amounts they sum up to: 其中：一期, 二期."""
    out = np.zeros(len(is_sub), bool)
    for start in np.flatnonzero(is_sub & ~np.append(True, is_sub[:-1])):
        end = start + int(np.argmin(np.append(is_sub[start:], False)))
        sums = np.rint(table[start:end].cumsum(axis=0) * 10_000)
        whole = np.flatnonzero((sums == np.rint(table[start - 1] * 10_000)).all(axis=1) & sums.any(axis=1))
        if whole.size and (whole[0] or is_part[start]):
            out[start : start + whole[0] + 1] = True
    return out


def _is_next(table: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whether the amounts of the rows `at` are those of the row below."""
    below = np.minimum(at + 1, len(table) - 1)
    return (below > at) & (table[at] == table[below]).all(axis=1) & ((table[at] != 0).sum(axis=1) > 1)


def _rounded(table: np.ndarray, reason: np.ndarray, is_odd: np.ndarray) -> np.ndarray:
    """How many rows each odd one sums up that is the sum of all others in round figures, in two columns or more."""
    kept = reason == ""
    total = table[kept].sum(axis=0)
    is_near = (np.abs(2 * table - total) <= _ROUND * np.abs(total)).all(axis=1)
    found = kept & is_odd & is_near & ((table != 0).sum(axis=1) > 1) & (kept.sum() > _ENOUGH)
    return np.where(found, kept.sum() - 1, 0)


def block_sums(
    table: np.ndarray, reason: np.ndarray, is_odd: np.ndarray, *, is_doubt: bool = False
) -> np.ndarray:
    """How many rows each row sums up (`table`: `stacked` amounts), if that is no accident: two for an odd one (no
    code, or a word like a total's), else three in two columns or more; `is_doubt`: two, if they are not in
    proportion (100 and 90, 200 and 180 sum up to 300 and 270 by accident)."""
    if np.abs(table).max(initial=0) * len(table) > _EXACT:
        return np.zeros(len(reason), int)
    fine = np.rint(table * 10_000).astype("int64")
    least = np.where(is_odd, 2, np.where((fine != 0).sum(axis=1) > 1, _ENOUGH, len(fine)))
    if is_doubt:
        least[~_is_like_next(table) & (least == _ENOUGH)] = 2
    return by_sum(fine, reason == "", least)


def _is_like_next(table: np.ndarray) -> np.ndarray:
    """Rows whose amounts are in the proportion of the row above or below."""
    sums = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, sums, where=sums != 0, out=np.zeros_like(table))
    like = np.isclose(shares[1:], shares[:-1], rtol=0, atol=1e-9).all(axis=1) & (sums[1:, 0] != 0)
    return np.append(like, False) | np.append(False, like)


def _where(begins: Coded, at: np.ndarray, test: Callable[[str], bool]) -> np.ndarray:
    """Of the rows `at` those whose first words (`begins`) pass `test`."""
    return at[np.array([isinstance(d, str) and test(d) for d in [*begins.distinct, None]])[begins.code]]


def _is_note(text: str) -> bool:
    return text.rstrip().endswith((":", "：")) or normal(text).startswith(NOTES)


def _notes(piece, cells: np.ndarray, filled: np.ndarray, header: Header, said: np.ndarray) -> np.ndarray:
    """Rows without any number that only say something: headings of sections, notes, places for signatures (their
    labels may stand below numbers), and lines of a form that nobody filled in; `said`: rows that begin as a note does."""
    numeric = [header.columns[n] for n in piece.table.of_kind(*NUMERIC) if n in header.columns]
    named = [n for n in header.columns if header.columns[n] not in numeric]
    own = [header.columns[n] for n in named if n not in PRESET]
    bare = np.flatnonzero(filled.any(axis=1) & ~filled[:, numeric].any(axis=1))
    if not numeric or len(own) < 2:
        return said[filled[said].sum(axis=1) == 1]
    unnamed = np.flatnonzero(filled[:, numeric].any(axis=1) & ~filled[:, own].any(axis=1))
    nothing = ((0, False), (None, False))
    zeros = [r for r in unnamed if all(read_number(c)[::3] in nothing for c in cells[r, numeric])]
    told = filled[bare][:, [header.columns[n] for n in named]].sum(axis=1)
    is_hollow = (told <= 1) | ~filled[bare][:, own].any(axis=1)
    signed = [r for r in said if not any(_is_amount(cells[r], at) for at in numeric)]
    return np.concatenate([bare[is_hollow], signed, zeros]).astype(int)


def _comments(piece, begins: Coded, at: np.ndarray) -> np.ndarray:
    """Lines of a text file that a mark puts out of use (#110101,2022,…), where most lines have none."""
    if piece.grid.widths is None:
        return np.array([], int)
    found = _where(begins, at, lambda text: text.startswith(("#", "//")) and not is_error(text))
    found = found[(piece.grid.cells[found] != "").sum(axis=1) > 1]  # words alone are a note
    return found if 2 * len(found) < len(at) else found[:0]


def _is_amount(cells: np.ndarray, at: int) -> bool:
    """Whether a number stands there that no label right before it calls a date or a telephone."""
    before = next((str(c) for c in cells[:at][::-1] if c != ""), "")
    cell = cells[at]
    return not (cell == "" or read_number(cell)[3] or before.rstrip().endswith((":", "：")))


def _repeated(piece, begins: Coded, at: np.ndarray, header: Header) -> np.ndarray:
    """Rows that repeat the head or a part of it, with or without its units, as on a sheet made for printing."""
    cells = piece.grid.cells
    seen = [{c for c in column if c != ""} for column in cells[: header.first_data].T]
    known = set().union(*seen)
    letters = {text[:1] for text in header.texts if text}
    is_like = [d in known or (isinstance(d, str) and d[:1] in letters) for d in [*begins.distinct, None]]
    like = at[np.array(is_like)[begins.code]]
    again = [r for r in like if all(c == "" or c in own for c, own in zip(cells[r], seen, strict=True))]
    heads = [r for r in like if _is_head(piece, cells[r], header)]
    return np.array([*again, *heads], int)


def _second(piece, begins: Coded, at: np.ndarray, is_data: np.ndarray, header: Header) -> int:
    """Where among the rows `at` another table begins below: a head that lacks a column each row must fill."""
    letters = {word[:1] for c in piece.table.columns for word in (c.zh, c.en, *c.also)}
    likely = np.isin(at, _where(begins, at, lambda text: text[:1] in letters))
    needed = {n for n in header.columns if piece.table[n].is_filled}
    for place in np.flatnonzero(likely & is_data):
        cells = [c for c in piece.grid.cells[at[place]] if c != ""]
        if not all(isinstance(c, str) and not re.search(r"\d", c) for c in cells):
            continue
        names = {match(c.strip(), piece.table)[0] for c in cells} - {None}
        if len(names) > 1 and needed - names and any(piece.table[n].kind == "amount" for n in names):
            rows = piece.grid.number(at[place : place + 1])
            piece.warn("other_table", rows, " · ".join(cells))
            return place
    return len(at)


def _is_head(piece, cells: np.ndarray, header: Header) -> bool:
    return all(match(str(cells[at]).strip(), piece.table)[0] == name for name, at in header.columns.items())


def words_of(cells: np.ndarray, at: np.ndarray) -> list[str]:
    """The words in the rows `at`, as rows set aside are listed."""
    return [" · ".join(str(c) for c in cells[r] if isinstance(c, str) and c.strip())[:120] for r in at]
