"""What another file, such as a list of codes, says of the keys of the rows."""

import numpy as np
import pandas as pd

from perflib.data import problems
from perflib.data.derive import PLACEHOLDER, each, fill
from perflib.data.fields import read_fields
from perflib.data.mapped_job import Job, Texts
from perflib.data.mapping import Lookup
from perflib.data.mapping_fault import Fault, MappingError
from perflib.data.patterns import find_files
from perflib.data.piece import Piece
from perflib.data.units import plain
from perflib.data.words import normal


def look_up(job: Job, rule: Lookup, when: int, text: Texts) -> None:
    """Add to `text` what another file says of the same key (its first row counts); "" where nothing."""
    told = {n: v for n, v in text.fields.told.items() if n != "year"}
    files = find_files(job.folder, PLACEHOLDER.sub(lambda m: told.get(m[1], m[0]), rule.pattern))
    if not files:
        raise MappingError(job.file.name, [Fault("lookup", rule.pattern, kind="no_file")])
    path, known = min(files, key=lambda f: abs((job.year_of(f[1].get("year", "")) or when) - when))
    if "year" in known and job.year_of(known["year"]) != when:
        text.piece.repaired("", "lookup_other_year", 1, path.relative_to(job.folder).as_posix())
    grids = job.open(path, rule)
    grid = next((g for g in grids if not rule.sheet or normal(g.sheet) == normal(rule.sheet[0])), grids[0])
    sets, _ = read_fields(grid, rule, known, mapping=job.file.name)
    other = Texts(job, sets[0], rule, Piece(text.piece.table, pd.DataFrame(), np.array([], int), grid), when)
    form = plain if rule.match == "loose" else str
    template = "\x1f".join(f"{{{name}}}" for name in rule.by)

    def keys(fields: Texts) -> np.ndarray:
        written = fill(template, fields, len(fields.fields.rows))
        return each(written, lambda d: "\x1f".join(map(form, d.split("\x1f"))))

    theirs, own = keys(other), pd.Series(keys(text), dtype=object)
    for name in rule.take:
        _tell_twice(job, other, theirs, name, set(own))
        known_values = dict(zip(theirs[::-1], other[name][::-1], strict=True))
        text.made[name] = own.map(known_values).fillna("").to_numpy(dtype=object)


def _tell_twice(job: Job, other: Texts, keys: np.ndarray, name: str, used: set) -> None:
    """Tell of keys of a code list that stand there again with another content, if any row has them."""
    rows = pd.DataFrame({"key": keys, "value": other[name], "row": other.fields.rows})
    first = rows.groupby("key")["value"].transform("first")
    other_rows = rows[(rows["value"] != first) & rows["key"].isin(used)].drop_duplicates(["key", "value"])
    grid = other.piece.grid
    note = problems.report(
        "lookup_twice", "warning", "", file=grid.file, sheet=grid.sheet, count=len(other_rows),
        row=list(other_rows["row"]), key=[k.replace("\x1f", " / ") for k in other_rows["key"]],
        found=list(other_rows["value"]), expected=list(first[other_rows.index]),
    )  # fmt: skip
    if len(note) and not any(note.equals(n) for n in job.notes):
        job.notes.append(note)
