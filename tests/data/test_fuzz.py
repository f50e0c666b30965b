"""Books with one to three oddities are read as a person reads them, refused, or told of by cell."""

from benchmarks.fuzz import MUTATIONS, run

BOOKS, SEED = 80, 7


def test_no_traceback_and_no_wrong_number_in_silence(tmp_path):
    found = run(BOOKS, SEED, tmp_path)
    bad = [
        (kind, names, verdict) for names, kind, verdict in found if verdict.startswith(("wrong", "traceback"))
    ]
    assert not bad
    refused = [
        (kind, names, verdict) for names, kind, verdict in found if verdict.startswith("refused_wrongly")
    ]
    fit = [verdict for _, _, verdict in found if verdict != "refused"]
    assert len(refused) <= 0.05 * len(fit), refused


def test_there_are_enough_kinds():
    assert len(MUTATIONS) >= 110
