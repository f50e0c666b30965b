"""`perflib forms`: the superior bureau's forms of a district and year, a file a department."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from perflib.data.book import Book, load_book
from perflib.data.errors import ArgumentError
from perflib.data.form_layout import Layout, chosen_layouts
from perflib.data.rules import load_rules
from perflib.data.text import say
from perflib.data.whole import safe_name, write_folder
from perflib.infer.outlook import chosen_month, outlook, outlook_of
from perflib.measure.calendar import judged_year
from perflib.show.forms import blanks, exchange_table, form_docx, form_xlsx, indicator_values, project_values
from perflib.show.ledger import ledger_xlsx


def write_forms(
    data: str,
    names: Sequence[str],
    lang: str,
    output: Path,
    *,
    district: str = "",
    year: int = 0,
    month: int = 0,
) -> tuple[str, list[Path]]:
    """Write the forms into `output`; what was written in a sentence, and the files, the first to open first."""
    chosen = chosen_layouts(names)
    book = load_book(data, district=district, year=year, lang=lang)
    if not (book.projects["year"] == book.year).any():
        raise ArgumentError("forms.no_projects", year=book.year)
    made: dict[str, bytes] = {}
    lacking, counts = [], []
    for layout in chosen:
        forms = forms_of(book, layout, month=month)
        by: dict[str, dict] = {}
        for name, (department, *form) in forms.items():
            by.setdefault(department, {})[name] = form
        year_of = next(iter(forms.values()))[1].get("year", book.year) if forms else book.year
        plain = {name: form for name, (_, *form) in forms.items()}
        lacking.append(blanks(layout, plain, lang))
        counts.append(say("forms.count", lang, form=layout.label(lang), count=len(forms)))
        if layout.columns:
            table = exchange_table(layout, list(plain.values()))
            made[f"{layout.label(lang)}.xlsx"] = ledger_xlsx({layout.name.upper(): table}, layout.zh)
            continue
        for department, own in by.items():
            stem = safe_name(f"{layout.label(lang)}-{department}")
            made[f"{stem}.xlsx"] = form_xlsx(layout, own, int(year_of))
            made[f"{stem}.docx"] = form_docx(layout, own, int(year_of))
    to_fill = say("forms.to_fill", lang)
    missing = pd.concat(lacking, ignore_index=True)
    made[f"{to_fill}.xlsx"] = ledger_xlsx({to_fill: missing}, to_fill)
    write_folder(output.absolute(), made)
    forms = say("show_report.comma", lang).join(counts)
    told = say("forms.wrote", lang, path=output, forms=forms, count=len(made))
    return told, [output / f"{to_fill}.xlsx"]


def forms_of(book: Book, layout: Layout, *, month: int = 0) -> dict[str, tuple[str, Mapping, list[Mapping]]]:
    """By the project's name: its department, and the fields of its form and of the form's lines."""
    rule = load_rules(book.rule_set)
    is_self = layout.of == "self_evaluation"
    told = book.rows("evaluations")
    told = told[told["kind"] == "self"]
    year = book.year
    if is_self:
        year = judged_year(rule, "self_evaluation", year, rows=told if len(told) else book.rows("projects"))
    projects = book.rows("projects", year=year).sort_values(["department", "project"])
    lines = book.rows("indicators", year=year)
    lines = lines[(lines["subject_kind"] == "project")].sort_values(["subject", "indicator"])
    lines = _of_month(lines, month) if month else lines[lines["month"].fillna(12) == 12]
    by_project = {
        k: [indicator_values(r) for r in rows.to_dict("records")] for k, rows in lines.groupby("subject")
    }
    own = told[told["year"] == year].sort_values("round").drop_duplicates("subject", keep="last")
    scores = {r["subject"]: r for r in own.to_dict("records")}
    funds = {k: rows for k, rows in book.rows("funds", year=year).groupby("project")}
    ends, at = ({}, 0) if is_self else year_ends(book, month)
    none = book.rows("funds")[:0]
    out: dict[str, tuple[str, Mapping, list[Mapping]]] = {}
    for row in projects.to_dict("records"):
        code = row["project"]
        own = {"funds": funds.get(code, none), "evaluation": scores.get(code, {}), "ends": ends.get(code, {})}
        values = project_values(row, **own, month=at) | {"district_name": book.name}
        name = row["name"] if row["name"] not in out else f"{row['name']} {code}"
        out[name] = (row["department"], values, by_project.get(code, []))
    return out


def _of_month(lines: pd.DataFrame, month: int) -> pd.DataFrame:
    """Each indicator as it was last read up to `month`; a year's own line with its reading left out."""
    key, read = ["subject", "indicator"], lines[lines["month"].fillna(12) <= month]
    seen = read.sort_values("month").drop_duplicates(key, keep="last")
    rest = lines[~pd.MultiIndex.from_frame(lines[key]).isin(pd.MultiIndex.from_frame(seen[key]))]
    blank = dict.fromkeys(("actual", "actual_text", "score"))
    return pd.concat([seen, rest.assign(**blank)]).sort_values(key)


def year_ends(book: Book, month: int) -> tuple[dict[str, dict], int]:
    """The year-end forecast of each project by its code, and the month from which it was made."""
    progress, projects = book.rows("progress"), book.rows("projects")
    if not (progress["year"] == book.year).any():
        return {}, month
    about = projects.drop_duplicates(["year", "project"])[["year", "project", "category"]]
    kinds = progress.merge(about, on=["year", "project"], how="left")
    kinds = kinds.assign(type=kinds["category"].astype("str").where(kinds["category"].notna(), "—"))
    at = chosen_month(kinds, year=book.year, month=month)
    now = outlook_of(kinds, year=book.year, month=at).now
    words = outlook(1 - now["p_failing"]).map(lambda w: say(f"monitoring.{w}", "zh"), na_action="ignore")
    table = now.assign(likelihood=words)[["project", "executed", "value", "p_failing", "likelihood"]]
    return {r["project"]: r for r in table.to_dict("records")}, at
