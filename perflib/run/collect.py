"""`perflib collect`: what came back, every fault at once; the data written anew beside the old, with its change log."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pandas as pd

from perflib.data.book import Book, complete, load_book
from perflib.data.contract import table as declared_table
from perflib.data.errors import ArgumentError, DataError
from perflib.data.files import BOOKS, read_grids, readable
from perflib.data.form_reading import FORMS, has_forms, read_forms
from perflib.data.inputs import split_data
from perflib.data.lists import Returned, list_specs, money_scale, money_unit, read_list
from perflib.data.problems import sentence
from perflib.data.sources import files_in
from perflib.data.template import tables_xlsx
from perflib.data.text import LANGUAGES, say
from perflib.data.whole import write_whole
from perflib.show.ledger import ledger_xlsx

LOG = ["file", "list", "department", "row", "column", "cell", "was", "is"]
REPLIES = ["list", "year", "department", "key", "row", "column", "is"]
TOLD = 10  # names in a sentence; the log of changes has them all
TYPES = {
    "date": pd.Timestamp, "number": float, "amount": float, "share": float, "score": float,
    "flag": lambda v: v == "true",
}  # fmt: skip
FROM_FORMS = {
    "evaluations": ["score", "reported_rate", "note"],
    "indicators": ["actual", "actual_text", "score"],
}


class Collected:
    """What a folder says to a book: changes row by row, replies, faults."""

    def __init__(self, book: Book, lang: str):
        self.book, self.lang = book, lang
        self.tables = {name: frame.copy() for name, frame in book.tables.items()}
        self.log: list[dict] = []
        self.replies: list[dict] = []
        self.faults: list[str] = []
        self.told: list[str] = []
        self.count = {"lists": 0, "forms": 0}

    def fault(self, key: str, **fields) -> None:
        self.faults.append(DataError(f"collect.{key}", **fields).sentence(self.lang))

    # Lists

    def take_lists(self, lists: Sequence[Returned]) -> None:
        """Every list once: its faults, then its answers."""
        seen: dict[tuple, Returned] = {}
        for one in lists:
            self._own_faults(one)
            other = seen.get(one.identity)
            if other and other.digest == one.digest:
                self.told.append(say("collect.same_twice", self.lang, file=one.file, other=other.file))
            elif other:
                self.fault("two_versions", file=one.file, other=other.file)
            elif self._belongs(one):
                seen[one.identity] = one
                self.count["lists"] += 1
                self._apply(one)

    def _own_faults(self, one: Returned) -> None:
        for fault in one.faults:
            at = {k: fault[k] for k in ("file", "sheet", "cell")}
            rest = {k: v for k, v in fault.items() if k not in ("kind", *at)}
            self.fault(fault["kind"], place=say("check.place_sheet_cell", self.lang, **at), **rest)

    def _belongs(self, one: Returned) -> bool:
        district = one.head["district"]
        if district and district != self.book.district:
            names = (self.book.district_name(d, self.lang) for d in (district, self.book.district))
            found, expected = names
            self.fault("other_district", file=one.file, found=found, expected=expected)
            return False
        if one.head["year"] not in self.book.years_of(self.book.district):
            self.fault("other_year", file=one.file, found=one.head["year"])
            return False
        return True

    def _apply(self, one: Returned) -> None:
        """The answers of a list: into its table where that has a column for them, else among the replies."""
        spec, columns = one.spec, {c.name: c for c in one.spec.fill}
        for key, rows in one.answers.groupby("row", sort=False):
            values = {c.into: one.rows[key][c.name] or None for c in spec.known if c.into}
            for answer in rows.to_dict("records"):
                column = columns[answer["column"]]
                about = {
                    "list": spec.label(self.lang),
                    "department": one.head["department"],
                    "row": answer["name"],
                }
                about["column"] = column.head(self.lang, one.head["currency"])
                is_words = column.kind == "choice" and answer["is"] is not None
                told = column.choices[answer["is"]][self.lang == "en"] if is_words else answer["is"]
                if column.into:
                    value = answer["is"]
                    if column.kind == "amount" and value is not None:
                        value *= money_scale(one.head["currency"], one.head["lang"])
                    values[column.into] = value
                else:
                    replied = {
                        "year": one.head["year"],
                        "key": " ".join(key),
                        "is": "" if told is None else told,
                    }
                    self.replies.append(about | replied)
                changed = {"file": one.file, "cell": answer["cell"], "was": answer["was"], "is": told}
                self.log.append(about | changed)
            if any(columns[c].into for c in rows["column"]):
                self._put(one, dict(zip(spec.key, key, strict=True)), values)

    def _put(self, one: Returned, key: dict, values: dict) -> None:
        """Write `values` into the row of the list's table that `key` means; a list that adds rows makes it."""
        spec, head = one.spec, one.head
        name, where = spec.table, {**key, **spec.adds}
        declared = declared_table(name)
        if name == "evaluations":
            where["subject"] = where.pop("project")
        where["district"] = self.book.district
        if "year" in declared.key:
            where["year"] = head["year"]
        if "month" in declared.key:
            where["month"] = head["month"]
        if name == "ratings":
            where |= {"rater": f"Q{one.sha256[:8]}"}
            values["stratum"] = head["department"] or None
        if name == "evaluations" and (evaluator := values.pop("evaluator", None)):
            where["evaluator"] = evaluator
        if not self._upsert(name, where, values, adds=bool(spec.adds)):
            self.fault("not_there", file=one.file, found=" ".join(key.values()))

    def _upsert(self, name: str, where: dict, values: dict, *, adds: bool) -> bool:
        frame = complete(self.tables.get(name, pd.DataFrame()), name)
        hit = pd.Series(True, index=frame.index)
        for column, value in where.items():
            hit &= frame[column] == value
        if not hit.any():
            if not adds:
                return False
            row = complete(pd.DataFrame([{**where}]), name)
            frame = pd.concat([frame, row.astype(frame.dtypes.to_dict())[frame.columns]], ignore_index=True)
            hit = pd.Series([False] * (len(frame) - 1) + [True])
        for column, value in values.items():
            made = TYPES.get(declared_table(name)[column].kind, lambda v: v)
            frame.loc[hit, column] = pd.NA if value is None else made(value)
        self.tables[name] = frame
        return True

    # Forms

    def take_forms(self, files: Sequence[Path]) -> None:
        """Forms of projects that the data knows: scores, and what the indicators came to, of a year or up to a month."""
        pieces, notes = read_forms(files, kinds=("self_evaluation", "monitoring"))
        for note in notes:
            for row in note.to_dict("records"):
                told = sentence(row, self.lang)
                self.faults.append(told) if row["severity"] == "error" else self.told.append(told)
        read = {piece.table.name: piece for piece in pieces}
        if "projects" not in read:
            return
        codes = self._codes_of(read["projects"])
        self.count["forms"] += len(codes)
        for name, columns in FROM_FORMS.items():
            if name in read:
                self._take_rows(read[name], name, columns, codes)

    def _codes_of(self, piece) -> dict[str, tuple[str, int, str]]:
        """For each code that a form has (or was given): the project of the data, its year and name."""
        known = self.book.rows("projects")
        by_code = {(p, int(y)): p for p, y in zip(known["project"], known["year"], strict=True)}
        by_name = {(str(u), n, int(y)): p for u, n, y, p in
                   zip(known["unit"].fillna(known["department"]), known["name"], known["year"], known["project"], strict=True)}  # fmt: skip
        out = {}
        for row, file in zip(piece.frame.to_dict("records"), piece.files, strict=True):
            year = int(row["year"]) if pd.notna(row.get("year")) else self.book.year
            owner = row.get("unit") if pd.notna(row.get("unit")) else row.get("department")
            code = by_code.get((row["project"], year)) or by_name.get((str(owner), row["name"], year))
            if code is None:
                self.fault("not_there", file=file, found=row["name"])
            else:
                out[row["project"]] = code, year, row["name"]
        if made := [name for own, (code, _, name) in out.items() if code != own]:
            names = say("show_report.comma", self.lang).join(made[:TOLD])
            self.told.append(say("collect.by_name", self.lang, count=len(made), names=names))
        return out

    def _take_rows(self, piece, name: str, columns: list[str], codes: dict) -> None:
        frame = self.tables.get(name, pd.DataFrame())
        for row, file, line, words in zip(
            piece.frame.to_dict("records"), piece.files, piece.rows, piece.told, strict=True
        ):
            if row["subject"] not in codes:
                continue
            code, year, project = codes[row["subject"]]
            values = {c: row[c] for c in columns if c in row and pd.notna(row[c])}
            month = row["month"] if pd.notna(row.get("month")) else 12
            if words:
                about = {"list": say("collect.form", self.lang), "year": year}
                about |= {"department": "", "key": f"{code} {month:g}"}
                head = say("collect.deviation", self.lang)
                self.replies.append(
                    about | {"row": f"{project} · {row['name']}", "column": head, "is": words}
                )
            if month != 12 and not values:
                continue  # nothing was filled in
            where = {"district": self.book.district, "year": year, "subject_kind": "project", "subject": code}
            if name == "evaluations":
                where |= {"kind": "self", "evaluator": row.get("evaluator") or "unit", "round": 1}
            else:
                where |= {"name": row["name"], "month": month}
            frame = complete(self.tables.get(name, pd.DataFrame()), name)
            hit = frame[list(where)].eq(pd.Series(where)).all(axis=1)
            old = frame[hit].iloc[0] if hit.any() else pd.Series(dtype=object)
            for column, value in values.items():
                was = old.get(column)
                if pd.isna(was) or was != value:
                    self.log.append({"file": file, "list": say("collect.form", self.lang), "department": "", "row": project,
                                     "column": declared_table(name)[column].label(self.lang), "cell": line,
                                     "was": "" if pd.isna(was) else was, "is": value})  # fmt: skip
            if name == "indicators" and not hit.any():
                any_month = pd.Series(where).drop("month")
                same = frame[list(any_month.index)].eq(any_month).all(axis=1)
                of_year = frame[same & frame["month"].isin([12])].drop(columns=FROM_FORMS[name])
                taken = set(frame.loc[frame["subject"] == code, "indicator"])
                free = {"indicator": next(str(n) for n in count(1) if str(n) not in taken)}
                own = {**row, **(of_year.iloc[0].to_dict() if len(of_year) else free), **values}
                where["indicator"] = own["indicator"]
                values = {k: v for k, v in own.items() if k not in where and pd.notna(v)}
            self._upsert(name, where, values, adds=True)


def collect_folder(
    folder: Path, data: str, lang: str, *, district: str = "", year: int = 0
) -> tuple[str, list[Path], int]:
    """Read what came back in `folder` into `data`: what to say, the files written, and the exit code.

    Nothing is written where anything is wrong; every fault is told. The new data and the change log stand beside
    `data`; the same folder and data give the same bytes.
    """
    if not folder.is_dir():
        raise ArgumentError("collect.no_folder", path=folder)
    book = load_book(data, district=district, year=year, lang=lang)
    work = Collected(book, lang)
    lists, rest = _read(files_in(folder, FORMS), work)
    work.take_lists(lists)
    forms = [p for p in rest if has_forms([p])]
    if forms:
        work.take_forms(forms)
    if others := [readable(p.name) for p in rest if p not in forms]:
        work.told.append(say("collect.passed", lang, files=say("show_report.comma", lang).join(others)))
    if work.faults:
        lines = [f"  {i}. {t}" for i, t in enumerate(work.faults, 1)]
        head = say("collect.faults", lang, count=len(lines))
        return "\n".join([head, *lines]), [], DataError.exit_code
    if not lists and not forms:
        raise DataError("collect.nothing", folder=folder)
    told = say("collect.told", lang, **work.count, changes=len(work.log))
    return "\n".join([told, *proposals_told(lists, lang), *work.told]), _write(work, data, lang), 0


def _read(files: Sequence[Path], work: Collected) -> tuple[list[Returned], list[Path]]:
    lists, rest = [], []
    for path in files:
        try:
            found = read_list(path) if path.suffix.lower() in BOOKS else None
        except DataError as error:
            work.faults.append(error.sentence(work.lang))
            continue
        lists.append(found) if found else rest.append(path)
    return lists, rest


def proposals_told(lists: Sequence[Returned], lang: str) -> list[str]:
    """Totals of the proposals by department and decision, and of all; amounts in the unit of lists in `lang`. No line of no proposal."""
    proposals = [one for one in lists if one.spec.name == "proposal"]
    if not proposals:
        return []
    currency = proposals[0].head["currency"]
    table = pd.concat(
        [one.decided() for one in proposals], keys=[one.head["lang"] for one in proposals], names=["lang"]
    )
    scale = table.index.get_level_values("lang").map(
        lambda own: money_scale(currency, own) / money_scale(currency, lang)
    )
    table = table.assign(cut=table["cut"] * scale, back=table["back"] * scale)
    words, unit = list_specs()["proposal"].fill[0].choices, money_unit(currency, lang)
    sums = table.groupby(["department", "decision"], sort=True)[["count", "cut", "back"]].sum().reset_index()
    whole = table.groupby("decision", sort=True)[["count", "cut", "back"]].sum().reset_index()
    sums = pd.concat([sums, whole.assign(department=say("collect.all_departments", lang))], ignore_index=True)
    return [say("collect.by_kind", lang, department=r["department"], decision=words[r["decision"]][lang == "en"], count=r["count"],
                cut=f"{r['cut']:,.2f}", back=f"{r['back']:,.2f}", unit=unit) for r in sums.to_dict("records")]  # fmt: skip


def _write(work: Collected, data: str, lang: str) -> list[Path]:
    _, path = split_data(data)
    path = Path("sample") if path is None else path
    stem = path.stem if path.suffix else path.name
    for other in LANGUAGES:  # collected data collected into again stays one file
        stem = stem.removesuffix(say("collect.new_name", other, stem="").removesuffix(".xlsx"))
    new, log = (path.parent / say(f"collect.{name}", lang, stem=stem) for name in ("new_name", "log_name"))
    replies = _with_old(pd.DataFrame(work.replies, columns=REPLIES).astype("str"), path)
    sheet = say("collect.sheet_replies", "zh")
    # as the sheet's name, so that it is found again
    heads = {c: say(f"collect.head_{c}", "zh") for c in REPLIES}
    notes = {sheet: replies.rename(columns=heads)} if len(replies) else {}
    write_whole(new.absolute(), tables_xlsx(work.tables, notes))
    title = say("collect.change_log", lang)
    rows = pd.DataFrame(work.log, columns=LOG).rename(columns=lambda c: say(f"collect.head_{c}", lang))
    write_whole(log.absolute(), ledger_xlsx({title: rows}, title))
    return [log, new]


def _with_old(replies: pd.DataFrame, path: Path) -> pd.DataFrame:
    """New replies below those that the data holds already; the latest answer to a question stands."""
    sheet = say("collect.sheet_replies", "zh")
    if path.suffix.lower() in BOOKS and path.is_file():
        grid = next((g for g in read_grids(path) if g.sheet == sheet), None)
        if grid is not None and len(grid.cells):
            old = pd.DataFrame(grid.cells[1:, : len(REPLIES)], columns=REPLIES).astype("str")
            replies = pd.concat([old, replies], ignore_index=True)
    return replies.drop_duplicates([c for c in REPLIES if c != "is"], keep="last", ignore_index=True)
