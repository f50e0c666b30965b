"""A simulated country for tests of size: 2,843 made-up counties, ten years, as many projects as asked for.

No county, project or amount is real; every file, record and name says so. It is written in chunks, each
checked like any other data, so that memory doesn't grow with the rows.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from perflib.data import problems
from perflib.data.amounts import to_cents
from perflib.data.check import check_table
from perflib.data.contract import table
from perflib.data.links import check_links
from perflib.data.load import REPAIRS
from perflib.data.packer import Packer
from perflib.data.stack import Stack

COUNTIES, PROVINCES = 2843, 31
YEARS = tuple(range(2014, 2024))
ROWS_A_CHUNK = 400_000
NOTE = (
    "simulated country, made up from seed {seed}: no county, project or amount is real / 模拟数据，均属虚构"
)
FILE = "模拟数据 simulated country"
CLASSES = ("specific", "public", "personnel")
DEPARTMENTS = tuple(f"模拟部门{i:02d}" for i in range(1, 41))
NAMES = tuple(f"模拟项目{i:03d}类" for i in range(1, 201))


@dataclass(frozen=True)
class Country:
    """What to simulate: `projects` rows in all; `monthly`: the share of them with twelve rows of progress."""

    projects: int
    seed: int = 1
    monthly: float = 0.01
    counties: int = COUNTIES
    years: tuple[int, ...] = YEARS


def pack_country(country: Country, folder: Path, *, tell=lambda year, rows: None) -> dict:
    """Write `country` as packed data into `folder`, chunk by chunk; the stamp's content comes back.

    `tell` is called after each year with the rows of projects so far. Same arguments, same bytes.
    """
    packer = Packer(folder, currency="CNY", is_sample=True, note=NOTE.format(seed=country.seed))
    counties = make_counties(country)
    tallies: dict[str, dict] = {}
    _add(packer, tallies, "districts", counties.drop(columns=["rate", "weight"]))
    sizes, done = projects_a_year(country, counties), 0
    for year in country.years:
        for first, stop in chunks(sizes):
            frames = make_chunk(country, counties, sizes, year, first, stop)
            before = {name: tallies[name]["rows"] if name in tallies else 0 for name in frames}
            packer.add_records(warnings=check_chunk(frames, before))
            for name, frame in frames.items():
                _add(packer, tallies, name, frame)
        done += int(sizes.sum())
        tell(year, done)
    packer.add_records(inputs=_inputs(country, tallies), reconciliation=_reconciliation(tallies))
    packer.add_records(**{n: _empty(n) for n in ("repairs", "set_aside")})
    return packer.close()


def stream(country: Country, *names: object) -> np.random.Generator:
    """Random numbers of the thing called `names`, the same in whatever order things are drawn."""
    return np.random.default_rng([country.seed, crc32("/".join(map(str, names)).encode())])


def make_counties(country: Country) -> pd.DataFrame:
    """One row per county: code, names that say that it is simulated, population, and its usual rate."""
    n, rng = country.counties, stream(country, "counties")
    at = np.arange(1, n + 1)
    people = np.exp(rng.normal(12.8, 0.7, n)).round().astype("int64")
    province = 1 + (at - 1) * PROVINCES // n
    return pd.DataFrame(
        {
            "district": [f"9{p:02d}{i:05d}" for p, i in zip(province, at, strict=True)],
            "name_zh": [f"模拟县{i:04d}" for i in at],
            "name_en": [f"Simulated county {i:04d}" for i in at],
            "parent": [f"模拟省{p:02d}" for p in province],
            "population": people,
            "rate": np.clip(rng.normal(0.86, 0.05, n), 0.5, 0.99),
            "weight": people / people.sum(),
        }
    )


def projects_a_year(country: Country, counties: pd.DataFrame) -> np.ndarray:
    """Projects of each county in a year, by population, at least one; they add up to what was asked for."""
    total = max(country.projects // len(country.years), len(counties))
    spare = (counties["weight"].to_numpy() * (total - len(counties))).astype("int64")
    sizes = 1 + spare
    sizes[: total - sizes.sum()] += 1
    return sizes


def chunks(sizes: np.ndarray) -> list[tuple[int, int]]:
    """Runs of counties (first, stop) of about `ROWS_A_CHUNK` projects."""
    number = (np.cumsum(sizes) - 1) // ROWS_A_CHUNK
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(sizes)], strict=True))


def make_chunk(
    country: Country, counties: pd.DataFrame, sizes: np.ndarray, year: int, first: int, stop: int
) -> dict[str, pd.DataFrame]:
    """The projects and the monthly progress of the counties `first` to `stop` in `year`."""
    here = np.repeat(np.arange(first, stop), sizes[first:stop])
    number = np.concatenate([np.arange(n) for n in sizes[first:stop]])
    # A third of the projects end each year and others begin: the same code is the same project.
    age = (number + 7 * here) % 3
    begun = year - age
    rng = stream(country, "projects", year, first)
    money = _amounts(rng, counties["rate"].to_numpy()[here], rng.random(len(here)) < 0.3 * (age == 0))
    code = _words(number, [f"P{i:06d}" for i in range(int(number.max()) + 1)])
    projects = {
        "district": _words(here - first, counties["district"].iloc[first:stop].tolist()),
        "year": pa.array(np.full(len(here), year)),
        "project": pc.binary_join_element_wise(code, _words(begun - year + 2, _years(year)), "-"),
        "name": _words(rng.integers(0, len(NAMES), len(here)), NAMES),
        "department": _words((number * 17 + here) % len(DEPARTMENTS), DEPARTMENTS),
        "class": _words(np.searchsorted([0.7, 0.9], rng.random(len(here))), CLASSES),
        "is_new": pa.array(age == 0),
        **{name: pa.array(cents / 100, from_pandas=True) for name, cents in money.items()},
        "is_code_made": pa.array(np.zeros(len(here), bool)),
    }
    frame = _frame(projects)
    followed = np.flatnonzero(stream(country, "followed", year, first).random(len(here)) < country.monthly)
    return {"projects": frame, "progress": _progress(frame, followed, stream(country, "months", year, first))}


def _years(year: int) -> list[str]:
    return [str(y) for y in range(year - 2, year + 1)]


def _words(codes: np.ndarray, words) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(words)).dictionary_decode()


def _frame(columns: dict) -> pd.DataFrame:
    return pa.table(columns).to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)


def _amounts(rng: np.random.Generator, usual: np.ndarray, is_late: np.ndarray) -> dict[str, np.ndarray]:
    """Budgets in whole hundreds of yuan, spending to the cent; all in cents, NA where not reported.

    `is_late` projects had no budget at the year's beginning. Some budgets fall to 0 in the year, a
    few projects spend without one, and a few report no spending.
    """
    n = len(usual)
    initial = np.exp(rng.normal(12.2, 1.6, n)).round(-2)
    moved = np.where(rng.random(n) < 0.7, 1.0, rng.uniform(0.4, 1.5, n))
    adjusted = np.where(rng.random(n) < 0.02, 0.0, (initial * moved).round(-2))
    share = np.where(rng.random(n) < usual - 0.4, 1.0, np.minimum(1, rng.beta(5 * usual, 5 * (1 - usual))))
    executed = np.floor(adjusted * share * 100)
    without = rng.random(n) < 0.003
    executed = np.where(without, np.floor(initial * 10), executed)
    adjusted = np.where(without, 0.0, adjusted)
    received = np.maximum(executed, np.floor(adjusted * 100 * np.where(share < 0.6, 0.8, 1.0)))
    return {
        "initial_budget": np.where(is_late, 0.0, initial * 100),
        "adjusted_budget": adjusted * 100,
        "received": received,
        "executed": np.where(rng.random(n) < 0.002, np.nan, executed),
    }


def _progress(projects: pd.DataFrame, followed: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Twelve rows for each project followed: spending and goals to date, the last being the year's."""
    rows = projects.iloc[np.repeat(followed, 12)].reset_index(drop=True)
    month = np.tile(np.arange(1, 13), len(followed))
    pace = np.repeat(rng.uniform(0.7, 2.2, len(followed)), 12)
    goal = np.minimum(1, (month / 12) ** np.repeat(rng.uniform(0.8, 1.3, len(followed)), 12))
    whole = np.rint(rows["executed"].to_numpy() * 100)
    return rows[["district", "year"]].assign(
        month=month,
        project=rows["project"],
        adjusted_budget=rows["adjusted_budget"],
        executed=np.floor(whole * (month / 12) ** pace) / 100,
        goal_progress=goal.round(4),
        planned_share=(month / 12).round(4),
    )


def check_chunk(frames: dict[str, pd.DataFrame], before: dict[str, int]) -> pd.DataFrame:
    """What is doubtful in the tables, which follow `before` rows each; CheckError for a fault."""
    stacks = {}
    for name, frame in frames.items():
        file, sheet = (np.full(len(frame), word, dtype=object) for word in (FILE, name))
        row = np.arange(len(frame)) + before[name] + 1
        stacks[name] = Stack(table(name), frame, file, sheet, row, {})
    report = problems.join([*(check_table(s) for s in stacks.values()), check_links(stacks)])
    if (report["severity"] == "error").any():
        raise problems.CheckError(report)
    return report


def _add(packer: Packer, tallies: dict[str, dict], name: str, frame: pd.DataFrame) -> None:
    packer.add(name, frame, source=FILE)
    tally = tallies.setdefault(
        name, {"rows": 0, **{c: 0 for c in table(name).of_kind("amount") if c in frame}}
    )
    tally["rows"] += len(frame)
    for column in tally.keys() - {"rows"}:
        tally[column] += int(to_cents(frame[column].to_numpy()).sum())


def _inputs(country: Country, tallies: dict[str, dict]) -> pd.DataFrame:
    digest = hashlib.sha256(repr(country).encode()).hexdigest()
    rows = [(FILE, name, digest, tally["rows"], "", "CNY") for name, tally in tallies.items()]
    return pd.DataFrame(rows, columns=["file", "sheet", "sha256", "rows", "encoding", "unit"])


def _reconciliation(tallies: dict[str, dict]) -> pd.DataFrame:
    """Nothing was read from a file: what was made is what is kept."""
    rows = []
    for name, tally in tallies.items():
        n = tally["rows"]
        counts = {"rows_read": n, "rows_kept": n, "rows_merged": 0, "rows_set_aside": 0}
        money = {
            f"{column}_{part}": 0 if part == "set_aside" else cents
            for column, cents in tally.items()
            if column != "rows"
            for part in ("read", "kept", "set_aside")
        }
        rows.append({"file": FILE, "sheet": name, "table": name, **counts, **money})
    out = pd.DataFrame(rows)
    return out.astype({c: "Int64" for c in out.columns if c not in ("file", "sheet", "table")})


def _empty(name: str) -> pd.DataFrame:
    columns = {"repairs": REPAIRS, "set_aside": ("file", "sheet", "row", "table", "reason", "key")}[name]
    return pd.DataFrame({c: pd.Series(dtype="int64" if c in ("count", "row") else "str") for c in columns})
