"""Which rows a job reads, as hashes: read and checked once, then remembered until a file changes."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from perflib.data.choice import BAR, join_sources, parse_sources
from perflib.data.errors import ArgumentError
from perflib.data.inputs import input_files, split_data, stamp
from perflib.data.text import LANGUAGES
from perflib.data.whole import hash_file, hash_json, read_json, sha256, write_json
from perflib.run.job import hash_code, hash_packages
from perflib.run.kernels import BOOKS, runtime_folder

MIDYEAR = 6  # the month from which the notebooks look ahead by themselves


@dataclass(frozen=True)
class Reading:
    """What a data source holds, without its rows.

    `names`: names of each district, by code, in the order of the languages; `years`: its years, and
    `whole_years` those that are over; `last_year`: the year taken when none is asked for; `hashes`: a hash of its rows; `common`: one of the
    tables without a district; `kinds`: what kind of district each is, where that is told; `currency`, and
    `about`: what a row is, by language. `called`: the name that the user gave to the one district, which has none.
    `months`: those with progress of each "district year"; none of packed data, which is not read for it.
    """

    district: str
    names: dict[str, list[str]]
    years: dict[str, list[int]]
    last_year: dict[str, int]
    hashes: dict[str, str]
    common: str
    kinds: dict[str, str] = field(default_factory=dict)
    currency: str = "CNY"
    about: dict[str, str] = field(default_factory=dict)
    whole_years: dict[str, list[int]] = field(default_factory=dict)
    called: str = ""
    months: dict[str, list[int]] = field(default_factory=dict)

    @property
    def districts(self) -> list[str]:
        return list(self.names)

    def find_district(self, wanted: str) -> str:
        """Code of the district of this code or name; the source's own for ""."""
        if not wanted or wanted == self.called:
            return self.district
        if wanted in self.names:
            return wanted
        asked = wanted.strip().casefold()
        for code, names in self.names.items():
            if asked in (name.casefold() for name in names):
                return code
        known = ", ".join(" ".join([code, *names[:1]]) for code, names in self.names.items())
        raise ArgumentError("reading.unknown_district", found=wanted, known=known)

    def name_of(self, district: str, lang: str) -> str:
        """Name of the district of code `district` in `lang`; the code where it has none."""
        return dict(zip(LANGUAGES, self.names[district], strict=True))[lang]

    def find_year(self, district: str, wanted: int) -> int:
        """`wanted`, when the district has it; its last whole year with spending for 0."""
        if not wanted:
            return self.last_year[district]
        if wanted not in self.years[district]:
            known = ", ".join(str(year) for year in self.years[district])
            raise ArgumentError("reading.unknown_year", found=wanted, known=known)
        return wanted

    def find_places(self, district: str, year: int, each: list[str]) -> list[tuple[str, int]]:
        """(district, year) pairs that are asked for; with `each` all of them, a named one narrowing the rest."""
        codes = self.districts if "district" in each else [self.find_district(district)]
        return [
            (code, when)
            for code in codes
            for when in (self.years[code] if "year" in each else [self.find_year(code, year)])
        ]

    def find_month(self, district: str, year: int, wanted: int) -> int | str:
        """The month from which a report of `year` looks ahead: `wanted`, else the notebooks' own (""), 0 where it lacks.

        0 is the last month that there is.
        """
        # in December nothing is ahead
        known = [m for m in self.months.get(f"{district} {year}", []) if m < 12]
        if wanted and wanted not in (known or range(1, 12)):
            raise ArgumentError("progress.no_cutoff_month", month=wanted, found=", ".join(map(str, known)))
        return wanted or (0 if known and MIDYEAR not in known else "")

    def rows_of(self, district: str) -> tuple[str, ...]:
        """Hashes of the rows that a notebook about `district` reads."""
        return (self.hashes.get(district, ""), self.common)

    def all_rows(self) -> tuple[str, ...]:
        """One hash of every row."""
        return (hash_json([self.hashes, self.common]),)


def absolute_data(data: str) -> str:
    """`data` with its paths made absolute, the mapping's too, so that a notebook may run in any folder.

    Of several sources, as a study's notebook has them, each.
    """
    if BAR in data:
        return join_sources({name: absolute_data(one) for name, one in parse_sources([data]).items()})
    mapping, path = split_data(data)
    if path is None:
        return data
    if mapping.endswith(".toml"):
        mapping = str(Path(mapping).expanduser().resolve())
    return f"{mapping}:{path.resolve()}" if mapping else str(path.resolve())


def sources_of(data: str) -> list[str]:
    """The data of each source that `data` names: of one, or of several with `|` between."""
    return [*parse_sources([data]).values()] if BAR in data else [data]


def absolute_rules(rules: str) -> str:
    """`rules`, a set's name or a file made absolute, once it has been read: a faulty one stops here, not in each job."""
    from perflib.data.rules import load_rules

    if rules:
        load_rules(rules)
    return str(Path(rules).resolve()) if rules.endswith(".toml") else rules


def read_rows(data: str, memory: Path, district: str = "", year: int = 0) -> Reading:
    """The reading of `data`; from `memory`, a file, when nothing changed since it was written.

    `district` and `year` stand for what the data does not say (see `load_book`).
    """
    files = input_files(data)
    stamps = {str(path): stamp(path) for path in files}
    code = hash_json([hash_code(), hash_packages()])
    known = read_json(memory)
    if known and known["data"] == data and known["code"] == code and _is_for(known, district, year):
        hashes = known["hashes"]
        same = known["stamps"] == stamps or hashes == {str(path): hash_file(path) for path in files}
        if same:
            return Reading(**known["reading"])
    reading, is_given = read_anew(data, district, year, memory.parent)
    hashes = {str(path): hash_file(path) for path in files}
    content = {"data": data, "code": code, "stamps": stamps, "hashes": hashes, "reading": asdict(reading),
               "given": [district, year] if is_given else None}  # fmt: skip
    write_json(memory, content)
    return reading


def _is_for(known: dict, district: str, year: int) -> bool:
    """Whether a remembered reading holds for what the user gives: it rested on the same, or on the data alone."""
    if known["given"] is not None:
        return known["given"] == [district, year]
    names = {n.casefold() for code, names in known["reading"]["names"].items() for n in (code, *names)}
    return not district or district.strip().casefold() in names


def read_anew(data: str, district: str, year: int, memory: Path) -> tuple[Reading, bool]:
    """The reading, and whether it rests on the district or year given.

    The book stays below `memory` for the batch of this process, whose notebooks take it from there.
    """
    from perflib.data.book import load_book, resolve_year
    from perflib.data.shelf import shelf_in
    from perflib.data.study import places_of

    with shelf_in(runtime_folder(memory) / BOOKS):
        book = load_book(data, district=district, year=year)
    given = set(book.repairs["kind"]) & {"given", "called"} if len(book.repairs) else set()
    packed = getattr(book, "packed", None)
    hashes, common = hash_packed(packed) if packed else hash_tables(book.tables)
    places = places_of("", book)
    reading = Reading(
        district=book.district,
        names={d: [book.district_name(d, lang) for lang in LANGUAGES] for d in book.districts},
        years={d: list(book.years_of(d)) for d in book.districts},
        whole_years={place.code: list(place.years) for place in places},
        last_year={d: resolve_year(book, d, 0) for d in book.districts},
        hashes=hashes,
        common=common,
        kinds={place.code: place.kind for place in places if place.kind},
        currency=book.currency,
        about=book.about,
        called=district if "called" in given else "",
        months={} if packed else _months(book.tables.get("progress")),
    )
    return reading, bool(given)


def _months(progress) -> dict[str, list[int]]:
    if progress is None or progress.empty:
        return {}
    found = progress.groupby(["district", "year"])["month"]
    return {f"{d} {y}": sorted(map(int, months.unique())) for (d, y), months in found}


def hash_tables(tables: dict) -> tuple[dict[str, str], str]:
    """(hash of the rows of each district, hash of all tables that have no district).

    The order of rows doesn't count, that of columns neither; every value does.
    """
    parts: dict[str, list[str]] = {}
    common = []
    for name in sorted(tables):
        frame = tables[name]
        if frame is None or len(frame) == 0:
            continue
        rows = _row_hashes(frame)
        if "district" not in frame.columns:
            common.append(f"{name}:{_digest(rows)}")
            continue
        for district, group in rows.groupby(frame["district"].astype(str).to_numpy()):
            parts.setdefault(str(district), []).append(f"{name}:{_digest(group)}")
    return {district: hash_json(found) for district, found in sorted(parts.items())}, hash_json(common)


def hash_packed(packed) -> tuple[dict[str, str], str]:
    """What `hash_tables` says, from the stamp of a packed folder: its partitions, none of them read.

    The files are held to the stamp by whoever reads them.
    """
    parts: dict[str, list[str]] = {}
    common = []
    for file in packed.files:
        for part in file.parts:
            one = f"{file.table}:{file.year or ''}:{part.sha256}"
            (parts.setdefault(part.district, []) if part.district else common).append(one)
    return {district: hash_json(sorted(found)) for district, found in sorted(parts.items())}, hash_json(
        common
    )


def _row_hashes(frame):
    from pandas.util import hash_pandas_object

    ordered = frame[sorted(frame.columns)].reset_index(drop=True)
    return hash_pandas_object(ordered, index=False, categorize=True)


def _digest(rows) -> str:
    return sha256(rows.sort_values().to_numpy().tobytes())
