"""Labels that stay apart."""

import numpy as np

from perflib.show.plots.axes import apart, fold


def test_labels_move_as_little_as_keeps_them_apart():
    rng = np.random.default_rng(5)
    for _ in range(50):
        wanted = rng.normal(size=8)
        placed = apart(wanted, 0.3)
        assert (np.diff(np.sort(placed)) >= 0.3 - 1e-9).all()
        assert (np.argsort(placed, kind="stable") == np.argsort(wanted, kind="stable")).all()
    assert apart([0.0, 5.0], 1.0).tolist() == [0.0, 5.0]


def test_a_long_name_takes_two_lines_where_rows_are_few():
    name = "Housing and Construction (95.3%)"
    assert fold([name], 24) == ["Housing and Construction\n(95.3%)"]
    assert fold([name] * 17, 24) == ["Housing and Constructio…"] * 17
    assert fold([name], 12)[0].split("\n")[1].endswith("…")
