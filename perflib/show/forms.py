"""The superior bureau's forms, filled in as far as the data goes: as workbooks, Word files and exchange tables."""

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

import pandas as pd

from perflib.data.form_layout import Layout
from perflib.data.text import say
from perflib.show.numbers import is_missing
from perflib.show.word import W, rezipped
from perflib.show.workbook_styles import CREATED, sheet_name, workbook

_MADE = re.compile(r"\{([\w.]+)\}")
SIGNS = {"at_least": "≥", "at_most": "≤", "equal": "=", "qualitative": "定性"}
RATE_WEIGHT = 10  # marks for execution, of 100: 财预〔2020〕10号
SOURCES = {
    "fiscal": "财政拨款|财政资金|一般公共预算|政府性基金", "special": "财政专户", "own": "单位资金|自有", "other": "其他",
}  # fmt: skip
AMOUNTS = ("initial_budget", "adjusted_budget", "executed")


def project_values(
    project: Mapping, *, funds: pd.DataFrame, evaluation: Mapping, ends: Mapping, month: int = 0
) -> dict:
    """The fields of a form about one project (main units, codes in words), only those that are known.

    `funds` and `evaluation` (its self-evaluation) are the project's own; `ends` is its year-end forecast: `value`,
    `p_failing` and `likelihood` (the word of the form). For a `month`, `executed` is that of `ends`.
    """
    executed = ends.get("executed") if month else project.get("executed")
    out = {k: project.get(k) for k in ("name", "department", "unit", "year", "district")}
    is_made = bool(project.get("is_code_made")) if not is_missing(project.get("is_code_made")) else False
    out["project"] = None if is_made else project.get("project")
    out["code_name"] = out["name"] if is_made else f"{project.get('project')}-{project.get('name')}"
    out |= {f"total.{a}": executed if a == "executed" else project.get(a) for a in AMOUNTS}
    out["carried.adjusted_budget"] = project.get("carried_in")
    for source, words in SOURCES.items():
        own = funds[funds["fund"].astype("str").str.contains(words)] if len(funds) else funds
        if len(own) and not month:
            out |= {f"{source}.{a}": own[a].sum(min_count=1) for a in AMOUNTS if a in own}
    budget = out["total.adjusted_budget"]
    known = not is_missing(budget) and not is_missing(executed) and budget > 0
    out |= {"rate": f"{executed / budget:.2%}" if known else None, "rate_weight": None if month else RATE_WEIGHT,
            "score": evaluation.get("score"), "conclusion": evaluation.get("note"), "month": month or None,
            "forecast": ends.get("value"), "likelihood": ends.get("likelihood")}  # fmt: skip
    chance = ends.get("p_failing")
    out["likelihood_rate"] = None if is_missing(chance) else round(1 - chance, 4)
    return {k: v for k, v in out.items() if not is_missing(v)}


def indicator_values(line: Mapping) -> dict:
    """The fields of a line about one indicator, only those that are known."""
    sign = SIGNS.get(line.get("direction"), "")
    number, unit = line.get("target"), line.get("unit")
    of = "" if is_missing(unit) else unit
    target = line.get("target_text") if is_missing(number) else f"{sign}{number:g}{of}"
    actual, words = line.get("actual"), line.get("actual_text")
    out = {k: line.get(k) for k in ("indicator", "level1", "level2", "weight")}
    out |= {"indicator_name": line.get("name"), "sign": sign or None, "target": target, "target_unit": unit,
            "target_number": line.get("target_text") if is_missing(number) else number, "indicator_score": line.get("score"),
            "actual_number": words if is_missing(actual) else actual,
            "actual": words if is_missing(actual) else f"{actual:g}{of}"}  # fmt: skip
    return {k: v for k, v in out.items() if not is_missing(v)}


def form_cells(layout: Layout, values: Mapping, lines: Sequence[Mapping]) -> list[list[tuple]]:
    """The rows of a filled form: (words or number, columns, rows, field) of each cell; amounts in the form's unit."""
    grid = []
    for at, row in enumerate(layout.rows):
        for line in lines or [{}] if at == layout.repeats else [{}]:
            told = [(_value(cell, {**values, **line}, layout), cell) for cell in row]
            grid.append([(text, cell.columns, cell.rows, cell.field) for text, cell in told])
    return grid


def _value(cell, values: Mapping, layout: Layout):
    if not cell.field:
        return cell.text
    value = values.get(cell.field, "")
    is_money = cell.field.partition(".")[2] in AMOUNTS or cell.field == "forecast"
    return round(value / layout.scale, 6) if is_money and value != "" else value


def form_xlsx(layout: Layout, forms: Mapping[str, tuple[Mapping, Sequence[Mapping]]], year: int) -> bytes:
    """A workbook with a sheet for each form; what a person must write is marked, the rest is locked."""
    held = io.BytesIO()
    with workbook(held, layout.zh) as book:
        base = {"border": 1, "text_wrap": True, "valign": "vcenter", "font_name": "宋体", "font_size": 10}
        title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        formats = {kind: book.add_format({**base, **extra}) for kind, extra in {
            "label": {"bg_color": "#f1f4f8", "align": "center"}, "known": {}, "number": {"num_format": "#,##0.00####"},
            "open": {"bg_color": "#fff8e8", "locked": False}, "year": {"border": 0, "align": "center"},
        }.items()}  # fmt: skip
        for name, (values, lines) in forms.items():
            sheet = book.add_worksheet(sheet_name(name, [s.name for s in book.worksheets()]))
            _draw(sheet, form_cells(layout, values, lines), layout, title, formats, year)
    return held.getvalue()


def _draw(sheet, grid, layout: Layout, title, formats: dict, year: int) -> None:
    last = len(layout.widths) - 1
    sheet.merge_range(0, 0, 0, last, layout.zh, title)
    sheet.merge_range(1, 0, 1, last, f"（{year}年度）", formats["year"])
    for at, width in enumerate(layout.widths):
        sheet.set_column(at, at, width)
    for row, cells in enumerate(grid):
        sheet.set_row(row + 2, 72 if any(field == "goal" for *_, field in cells) else 26)
    for row, column, value, columns, rows, field in _placed(grid):
        form = formats["label" if not field and value else "open" if value == "" else "known"]
        if field and isinstance(value, float):
            form = formats["number"]
        if columns * rows > 1:
            sheet.merge_range(row + 2, column, row + rows + 1, column + columns - 1, "", form)
        if isinstance(value, (int, float)):
            sheet.write_number(row + 2, column, value, form)
        elif value == "":
            sheet.write_blank(row + 2, column, None, form)
        else:
            sheet.write_string(row + 2, column, str(value), form)
    sheet.set_paper(9)
    sheet.set_landscape() if sum(layout.widths) > 110 else sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_rows": True, "format_columns": True, "insert_rows": True})


def _placed(grid):
    """Each cell with its row and column, beside what is merged down from above."""
    taken: set[tuple[int, int]] = set()
    for row, cells in enumerate(grid):
        column = 0
        for value, columns, rows, field in cells:
            while (row, column) in taken:
                column += 1
            taken |= {(r, c) for r in range(row, row + rows) for c in range(column, column + columns)}
            yield row, column, value, columns, rows, field
            column += columns


def form_docx(layout: Layout, forms: Mapping[str, tuple[Mapping, Sequence[Mapping]]], year: int) -> bytes:
    """The same forms as a Word file, a page for each."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    text = docx.Document()
    style = text.styles["Normal"]
    style.font.name, style.font.size = "宋体", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    text.core_properties.title, text.core_properties.author = layout.zh, ""
    text.core_properties.created = text.core_properties.modified = CREATED
    section = text.sections[0]
    is_wide = sum(layout.widths) > 110
    size = (Mm(297), Mm(210)) if is_wide else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = size
    section.left_margin = section.right_margin = Mm(15)
    for number, (values, lines) in enumerate(forms.values()):
        head = text.add_paragraph(layout.zh)
        head.paragraph_format.page_break_before = number > 0
        text.add_paragraph(f"（{year}年度）").alignment = head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.runs[0].font.size, head.runs[0].bold = Pt(16), True
        grid = form_cells(layout, values, lines)
        table = _table_xml(grid, layout.widths, 14600 if is_wide else 9600)
        text.element.body.insert(-1, parse_xml(table))
    held = io.BytesIO()
    text.save(held)
    return rezipped(held.getvalue(), lambda name, data: data)


def _table_xml(grid, widths: Sequence[int], twips: int) -> str:
    """A table of Word: cells merged across by gridSpan, down by vMerge."""
    sizes = [round(w * twips / sum(widths)) for w in widths]
    rows: list[dict[int, str]] = [{} for _ in grid]
    for row, column, value, columns, down, _field in _placed(grid):
        words = f"{value:,.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        lines = "<w:br/>".join(
            f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in words.split("\n")
        )
        width = sum(sizes[column : column + columns])
        for at in range(row, row + down):
            merged = "" if down == 1 else "<w:vMerge/>" if at > row else '<w:vMerge w:val="restart"/>'
            inside = f"<w:r>{lines}</w:r>" if at == row and words else ""
            rows[at][column] = (
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{columns}"/>{merged}'
                f'<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:spacing w:after="0"/></w:pPr>{inside}</w:p></w:tc>'
            )
    body = "".join(f"<w:tr>{''.join(cells[c] for c in sorted(cells))}</w:tr>" for cells in rows)
    cols = "".join(f'<w:gridCol w:w="{size}"/>' for size in sizes)
    return (
        f'<w:tbl {W}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{twips}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f"</w:tblPr><w:tblGrid>{cols}</w:tblGrid>{body}</w:tbl>"
    )


def exchange_table(layout: Layout, forms: Sequence[tuple[Mapping, Sequence[Mapping]]]) -> pd.DataFrame:
    """The rows of an exchange table, one for each indicator (or project without any), in the table's columns.

    A blank stays blank: 0 is only written where 0 is known.
    """
    rows = []
    for values, lines in forms:
        rows += [
            {name: _filled(shape, {**values, **line}) for name, shape in layout.columns.items()}
            for line in lines or [{}]
        ]
    return pd.DataFrame(rows, columns=list(layout.columns))


def _filled(shape: str, values: Mapping):
    named = _MADE.fullmatch(shape)
    return values.get(named[1], "") if named else shape


def blanks(layout: Layout, forms: Mapping[str, tuple[Mapping, Sequence[Mapping]]], lang: str) -> pd.DataFrame:
    """What a person must still write: one row per form and field, how often it is blank."""
    rows = []
    for name, (values, lines) in forms.items():
        cells = (cell for row in form_cells(layout, values, lines) for cell in row)
        shown = [(field, value) for value, _, _, field in cells if field]
        if layout.columns:
            table = exchange_table(layout, [(values, lines)])
            shown = [(c, v) for c in table for v in table[c]]
        found = Counter(field for field, value in shown if value == "")
        rows += [(layout.label(lang), name, _field_name(layout, field), n) for field, n in found.items()]
    heads = [say(f"forms.head_{c}", lang) for c in ("form", "project", "field", "count")]
    return pd.DataFrame(rows, columns=heads)


def _field_name(layout: Layout, field: str) -> str:
    """A field as the form calls it."""
    source, _, amount = field.rpartition(".")
    parts = (layout.labels, layout.below, layout.indicators)
    first = next((part[field][0] for part in parts if field in part), "")
    if source:
        return "·".join([layout.sources.get(source, (source,))[0], layout.money.get(amount, (amount,))[0]])
    pairs = (pair for row in layout.rows for pair in pairwise(row))
    beside = {cell.field: before.text for before, cell in pairs if cell.field}
    return first or layout.money.get(field, ("",))[0] or beside.get(field, "") or field
