"""The jobs of `perflib run`: one notebook for each district, each year, or both."""

import re
from pathlib import Path

from perflib.data.errors import ArgumentError
from perflib.data.whole import safe_name
from perflib.run.job import Job
from perflib.run.parameters import check_parameters, declared_parameters, parse_values
from perflib.run.rows import Reading, absolute_data, input_files, sources_of
from perflib.run.suite import DISTRICT, rows_read

EACH = ("district", "year")


def check_each(each: list[str]) -> None:
    """Raise ArgumentError unless `each` names districts and years only."""
    for name in each:
        if name not in EACH:
            raise ArgumentError("run.each_takes", allowed=", ".join(EACH), given=name)


def run_jobs(
    notebook: Path, texts: dict[str, str], each: list[str], folder: Path, readings: list[Reading]
) -> list[Job]:
    """One job for every combination of what `each` names; `texts` are the other parameters as text.

    The executed notebooks go to `folder`, named by what sets them apart. `readings`, of each source,
    are needed for `each`, and for a notebook with a parameter `data`.
    """
    declared = declared_parameters(notebook)
    check_each(each)
    for name in each:
        if name not in declared:
            raise ArgumentError("run.each_needs_parameter", notebook=notebook.name, name=name)
    given = parse_values(notebook, texts)
    if "data" in declared:
        given["data"] = absolute_data(given.get("data", declared["data"].default))
    return [
        _job(notebook, given | own, own, folder, readings) for own in _combinations(each, given, readings)
    ]


def _combinations(each: list[str], given: dict, readings: list[Reading]) -> list[dict]:
    if not each:
        return [{}]
    pairs = readings[0].find_places(given.get("district", ""), 0, each)
    return [{k: v for k, v in zip(EACH, pair, strict=True) if k in each} for pair in pairs]


def _job(notebook: Path, values: dict, own: dict, folder: Path, readings: list[Reading]) -> Job:
    mark = "-".join(str(v) for v in own.values())
    stem = f"{notebook.stem}-{safe_name(mark)}" if mark else notebook.stem
    declared = declared_parameters(notebook)
    products: tuple[Path, ...] = ()
    if "output" in declared and "output" not in values:
        place = folder / stem
        values["output"] = str(place)
        products = (place,)
    return Job(
        notebook,
        check_parameters(notebook, values),
        folder / f"{stem}.ipynb",
        products=products,
        rows=_rows(notebook, values, readings),
        inputs=tuple(f for one in sources_of(values["data"]) for f in input_files(one)) if readings else (),
    )


def _rows(notebook: Path, values: dict, readings: list[Reading]) -> tuple[str, ...]:
    if rows_read(notebook) == DISTRICT and len(readings) == 1:
        return readings[0].rows_of(readings[0].find_district(values.get("district", "")))
    return tuple(row for reading in readings for row in reading.all_rows())


def parse_shard(text: str) -> tuple[int, int]:
    """(i, n) of "i/n", 1 <= i <= n; (1, 1) for "".

    >>> parse_shard("2/5")
    (2, 5)
    """
    if not text:
        return 1, 1
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    place, count = (int(g) for g in found.groups()) if found else (0, 0)
    if not 1 <= place <= count:
        raise ArgumentError("run.bad_shard", given=text)
    return place, count


def share(items: list, shard: tuple[int, int]) -> list:
    """Every n-th of `items`, beginning with the i-th: together the shares are all, and none twice."""
    place, count = shard
    return items[place - 1 :: count]
