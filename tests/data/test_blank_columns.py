"""Any optional column absent or blank: the notebooks that look at its table run; benchmarks/blank_columns.py tries all."""

from benchmarks import blank_columns
from benchmarks.blank_columns import runs, sweep

AT = {"assessment": ["65"], "progress": ["30"], "catalogue": ["55"], "adjustments": ["75"]}
EACH = 7  # one run of so many


def test_every_optional_column_has_two_runs():
    found = runs([])
    assert len(found) == len(set(found)) > 250 and ("assessment", "orientation", "absent") in found


def test_notebooks_cope_with_a_column_absent_or_blank(tmp_path, monkeypatch):
    picked = runs(list(AT))[::EACH]
    monkeypatch.setattr(blank_columns, "runs", lambda only: picked)
    monkeypatch.setattr(blank_columns, "notebooks_of", lambda folder: AT)
    found = list(sweep(tmp_path, []))
    assert [run for run, _ in found] == picked and all(told for _, told in found)
    assert [told for _, told in found if any(words.startswith("failure") for words in told.values())] == []
