"""Any optional column absent or blank: the notebooks that look at its table run; benchmarks/blank_columns.py tries all."""

from benchmarks import blank_columns
from benchmarks.blank_columns import runs, sweep

AT = {"assessment": ["65"], "progress": ["30"], "catalogue": ["55"], "adjustments": ["75"]}
EACH = 7  # one run of so many


def test_every_optional_column_has_two_runs():
    found = runs(1, 1)
    assert len(found) == len(set(found)) > 250 and ("assessment", "orientation", "absent") in found


def test_notebooks_cope_with_a_column_absent_or_blank(tmp_path, monkeypatch):
    picked = [r for r in runs(1, 1) if r[0] in AT][::EACH]
    monkeypatch.setattr(blank_columns, "runs", lambda share, seed: picked)
    monkeypatch.setattr(blank_columns, "notebooks_of", lambda folder: AT)
    found = list(sweep(1, 1, tmp_path))
    assert [run[:3] for run in found] == picked
    assert [run for run in found if run[4].startswith("failure")] == []
