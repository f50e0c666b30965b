"""The words around a plot, its size on the screen, and the suite's look for whatever is drawn."""

import struct

import pandas as pd
import pytest
import seaborn
from matplotlib import pyplot

from perflib.show import plots, theme
from perflib.show.plots.chart import framed

ROWS = pd.DataFrame({"n": ["a", "b"], "rate": [0.5, 1.0]})


def made(**options):
    return framed(plots.bars(ROWS, y="n", lang="en"), "A title", "a subtitle", "a bureau", "en", **options)


def test_a_chart_says_what_it_is_and_how_large_it_is_shown():
    data, metadata = made()._repr_mimebundle_()
    width, height = struct.unpack(">II", data["image/png"][16:24])
    shown = metadata["image/png"]
    assert shown["width"] == round(theme.WIDTH * 96)
    assert shown["height"] / shown["width"] == pytest.approx(height / width, abs=0.002)
    assert data["text/plain"] == "<figure: Bars: A title. b 100.0%, a 50.0%.>"


def test_the_words_stand_around_the_plot_and_the_sample_is_marked():
    words = [t.get_text() for t in made(is_sample=True).figure.texts]
    assert words == ["A title", "a subtitle", "Source: a bureau", "Sample data, not real"]
    assert "Sample data, not real" not in [t.get_text() for t in made().figure.texts]


def test_the_room_of_the_words_is_added_to_the_height_of_the_plot():
    ax = plots.bars(ROWS, y="n", lang="en")
    before = ax.figure.get_figheight()
    short = framed(ax, "t", "s", "q", "en").figure.get_figheight()
    long = framed(plots.bars(ROWS, y="n", lang="en"), "t " * 99, "s", "q", "en").figure.get_figheight()
    assert before < short < long


def test_a_plot_is_shown_by_pyplot_until_a_page_shows_it():
    ax = plots.bars(ROWS, y="n", lang="en")
    assert pyplot.get_fignums() == [ax.figure.number]
    framed(ax, "t", "s", "q", "en")
    assert not pyplot.get_fignums()


def test_the_look_holds_from_here_on_or_to_the_end_of_a_block():
    with pyplot.rc_context():
        with plots.style():
            assert pyplot.rcParams["font.family"] == ["Noto Sans SC"]
            assert seaborn.color_palette().as_hex()[0] == theme.BLUE
        assert pyplot.rcParams["font.family"] == ["sans-serif"]
        plots.style()
        assert not pyplot.rcParams["axes.spines.top"]
        assert pyplot.rcParams["axes.prop_cycle"].by_key()["color"] == list(theme.PALETTE)


def test_a_board_holds_the_first_charts_that_draw_anything():
    drawn = lambda ax: plots.bars(ROWS, y="n", lang="en", ax=ax)  # noqa: E731
    blank = lambda ax: plots.bars(ROWS[:0], y="n", lang="en", ax=ax)  # noqa: E731
    axes = plots.board({"a": drawn, "none": blank, "b": drawn, "c": drawn}, most=2)
    assert [ax.get_title("left") for ax in axes] == ["a", "b"]
    assert plots.board({"none": blank}) is None
