"""Labels that stay apart."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from perflib.show.plots import axes, chart, rows
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
    assert fold([name] * 20, 24) == ["Housing and Construction\n(95.3%)"] * 20
    assert fold([name] * 21, 24) == [name] * 21
    assert fold([name] * 21, 16) == ["Housing and Constructio…"] * 21
    assert fold([name], 12)[0].split("\n")[1].endswith("…")


def labels_of(ax) -> list:
    """The labels of the rows of `ax`, laid out as a page would."""
    figure = chart.framed(ax, "", "", "", "en").figure
    figure.canvas.draw()
    return ax.get_yticklabels()


@pytest.mark.parametrize("plot", [rows.bars, rows.dots, "board"])
@pytest.mark.parametrize("count", [3, 5, 12, 20, 21, 40])
def test_names_of_rows_are_whole_and_lie_on_no_other(plot, count):
    names = [f"Housing and Urban Construction, head office {n:02}" for n in range(count)]
    frame = pd.DataFrame({"name": names, "rate": np.linspace(0.9, 0.5, count)})
    if plot == "board":
        draws = {"a": lambda ax: rows.bars(frame.head(5), y="name", lang="en", ax=ax)}
        ax = chart.board({**draws, "b": draws["a"], "c": draws["a"]})[0]
    else:
        ax = plot(frame, y="name", lang="en")
    labels = labels_of(ax)
    assert [label.get_text().replace("\n", " ") for label in labels] == names[: len(labels)]
    assert labels[0].get_figure(root=True).get_figheight() * 25.4 <= 172  # as tall as a page holds it
    boxes = [label.get_window_extent() for label in labels]
    assert all(lower.y1 <= upper.y0 + 0.5 for upper, lower in pairwise(boxes))
    assert {label.get_size() for label in labels} <= {axes.SOURCE_SIZE, 8}
