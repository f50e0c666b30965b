"""Every plot, in both languages: on new axes and on one's own, with no rows, with a column that isn't there."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from perflib.data.errors import ArgumentError
from perflib.data.outline import read_outline
from perflib.show import plots, theme
from perflib.show.plots.chart import framed
from tests.show.cut_off import cut_off

NAMES = [
    "鄠邑区住房和城乡建设局及其所属的一家名字很长的单位",
    "浉河$x$街道",
    "猇亭<b>",
    "Área de Obras, Equipamientos y Medio Ambiente",
    "民政局",
]
ROWS = pd.DataFrame(
    {
        "n": NAMES,
        "rate": [0.99, 0.9, 0.9, 0.4, None],
        "low": [0.9, 0.8, 0.85, 0.2, None],
        "high": [1.05, 0.95, 0.95, 0.6, None],
        "contribution": [-0.04, 0.01, 0.002, -0.0001, None],
        "effective": [400, 30, 80, 10, 5],
        "tier": ["a", "b", "b", "c", "c"],
        "centre": 0.9,
        "score": [100.0, 90.5, 88.0, 71.0, None],
        "is_out": [True, False, False, True, False],
        "event_time": [-2, -1, 0, 1, 2],
        "is_placebo": [True, True, False, False, False],
        "outline": [
            read_outline(f"POLYGON (({i} 40, {i + 1} 40, {i + 1} 41, {i} 41, {i} 40))")[0] for i in range(5)
        ],
    }
)
MONTHS = pd.DataFrame(
    [(n, m, 0.07 * m * (1 + i / 9)) for i, n in enumerate(NAMES) for m in range(1, 10)],
    columns=["n", "month", "rate"],
)
READINGS = MONTHS.assign(
    period=MONTHS["month"].astype(str), centre=0.3, low=0.1, high=0.5, is_signal=MONTHS["month"] == 9
)
SEEN = pd.DataFrame({"month": [6], "value": [0.8], "low": [0.7], "high": [0.85]})
AMOUNTS = pd.DataFrame(
    {"initial_budget": [1.1e9], "adjusted_budget": [1.3e9], "executed": [1.2e9], "lapsed": [9e7]}
)
CORNERS = {"on_track": "甲", "money_late": "乙", "goals_late": "丙", "both_late": "丁"}
SHADES = {tier: plots.Shade(tier, theme.ORANGE, "//" * at) for at, tier in enumerate("abc")}
CASES = {
    "bars": (ROWS, {"y": "n", "mark": NAMES[0]}),
    "control": (READINGS, {"by": "n", "y": "rate"}),
    "differences": (ROWS, {"x": "rate", "y": "low", "bias": 0.1, "low": -0.1, "high": 0.15, "labels": ("a", "b")}),
    "dots": (ROWS, {"y": "n", "line": (0.9, "x"), "mark": NAMES[1]}),
    "dumbbell": (ROWS, {"y": "n", "x": ("low", "rate")}),
    "event": (ROWS, {"y": "rate"}),
    "fan": (MONTHS, {"by": "n", "mark": NAMES[1], "forecast": SEEN}),
    "flow": (AMOUNTS, {}),
    "funnel": (ROWS, {"label": "n", "mark": NAMES[2]}),
    "heat": (MONTHS, {"y": "n", "x": "month", "middle": 0.3, "mark": NAMES[2]}),
    "histogram": (ROWS, {"marks": {0.9: "90%"}}),
    "lines": (MONTHS, {"by": "n", "x": "month", "breaks": [4]}),
    "map": (ROWS, {"y": "n", "by": "tier", "shades": SHADES, "mark": NAMES[1]}),
    "pairs": (ROWS, {"y": "n", "x": ("rate", "low")}),
    "quadrants": (ROWS, {"x": "contribution", "y": "rate", "corners": CORNERS, "kinds": ("a", "b")}),
    "scatter": (ROWS, {"x": "rate", "y": "score", "odd": "rate < 0.95 and score >= 90", "corner": "x", "label": "n"}),
    "small_multiples": (MONTHS, {"by": "n", "x": "month", "mark": NAMES[3]}),
    "waterfall": (ROWS, {"y": "n", "start": 0.9, "end": 0.8719, "ends": ("a", "b"), "largest": 3}),
}  # fmt: skip
PANELS = ("control", "small_multiples")
WORDS = {
    "zh": {
        "title": "鄠邑区执行率的这一个标题相当长，长到一行放不下，必须折成两行才看得完整",
        "subtitle": "预算执行率，鄠邑区，2022年，单位：%",
        "source": "浉河区财政局",
    },
    "en": {
        "title": "A sentence as title that is so long that it fits on no line and has to be broken into two",
        "subtitle": "Execution rate, Huyi district, 2022, per cent",
        "source": "finance bureau",
    },
}


def draw(name: str, frame: pd.DataFrame | None = None, *, lang: str = "zh", **options):
    rows, columns = CASES[name]
    return getattr(plots, name)(rows if frame is None else frame, **{**columns, **options}, lang=lang)


def chart(name: str, lang: str = "zh", **options):
    return framed(draw(name, lang=lang), **WORDS[lang], lang=lang, **options)


def test_every_plot_is_drawn_here():
    others = {"Shade", "framed", "style", "board"}  # board: in test_chart
    assert set(dir(plots)) - others == set(CASES)


CALLS = {  # rows of which some call for action, and rows of which none does
    "control": (READINGS, READINGS.assign(is_signal=False)),
    "differences": (ROWS, ROWS.assign(low=ROWS["rate"])),
    "funnel": (ROWS.assign(low=0.95), ROWS),
    "map": (ROWS, ROWS.assign(tier="d")),
    "scatter": (ROWS, ROWS.assign(rate=0.99)),
}


# A heat table's shades are a picture; quadrants tint the corner of those late on both.
@pytest.mark.parametrize("name", [name for name in CASES if name not in ("heat", "quadrants")])
def test_orange_is_for_what_calls_for_action_and_for_nothing_else(name):
    def is_orange(frame):
        return theme.ORANGE in framed(draw(name, frame), **WORDS["zh"], lang="zh").svg().decode().lower()

    if name in CALLS:
        assert [is_orange(frame) for frame in CALLS[name]] == [True, False]
    else:
        assert not is_orange(CASES[name][0])


@pytest.mark.parametrize("name", CASES)
def test_the_last_digits_in_which_processors_differ_move_nothing(name):
    def drawn(frame):
        figure = np.ravel(draw(name, frame))[0].figure
        lines = [line.get_xydata() for line in figure.findobj(Line2D)]
        shapes = [shape.get_verts() for shape in figure.findobj(Patch)]
        marks = [m.get_offsets() for m in figure.findobj(Collection)]
        areas = [path.vertices for m in figure.findobj(Collection) for path in m.get_paths()]
        return [np.asarray(part).tolist() for part in (*lines, *shapes, *marks, *areas)]

    rows = CASES[name][0]
    numbers = rows.select_dtypes("float64")
    assert repr(drawn(rows.assign(**numbers * (1 + 4e-15)))) == repr(drawn(rows))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_cut_off_and_those_who_do_not_see_are_told(name, lang):
    made = chart(name, lang, is_sample=True)
    assert cut_off(made) == []
    assert len(made.alt_text) > len(WORDS[lang]["title"])
    assert any("示例" in t.get_text() or "not real" in t.get_text() for t in made.figure.texts)


def smallest_type(made) -> float:
    """Points of the smallest words as they are printed: a page shrinks what is taller than 172 mm."""
    seen = [t for t in made.figure.findobj(Text) if t.get_text().strip() and t.get_visible()]
    return min(t.get_size() for t in seen) * min(1, 172 / 25.4 / made.figure.get_figheight())


@pytest.mark.parametrize("name", CASES)
def test_no_words_are_smaller_than_seven_points_in_print(name):
    assert smallest_type(chart(name)) >= 7


@pytest.mark.parametrize("name", ["bars", "dots", "dumbbell", "heat", "small_multiples"])
def test_nor_are_those_of_forty_rows_or_panels(name):
    frame, options = CASES[name]
    by = options.get("y", options.get("by"))
    many = pd.concat([frame.assign(**{by: frame[by] + f" {n}"}) for n in range(8)], ignore_index=True)
    made = framed(draw(name, many), **WORDS["zh"], lang="zh")
    assert smallest_type(made) >= 7 and cut_off(made) == []


@pytest.mark.parametrize("name", CASES)
def test_a_plot_stands_on_ones_own_axes_whatever_the_settings_around_are(name):
    with pyplot.rc_context({"font.family": "DejaVu Serif", "text.parse_math": True, "axes.spines.top": True}):
        figure, axes = pyplot.subplots(2, 4, figsize=(9, 5))
        before = figure.get_size_inches().tolist()
        made = draw(name, axes=axes[:, 1:]) if name in PANELS else draw(name, ax=axes[0, 0])
        figure.draw_without_rendering()  # a missing glyph warns, and warnings are errors
        assert figure.get_size_inches().tolist() == before and len(figure.axes) == 8
        assert (np.ravel(made)[0] is axes[0, 1]) if name in PANELS else made is axes[0, 0]
        assert pyplot.rcParams["font.family"] == ["DejaVu Serif"]


@pytest.mark.parametrize("name", CASES)
def test_no_rows_leave_the_axes_blank_and_the_page_without_a_figure(name):
    axes = draw(name, CASES[name][0].iloc[:0])
    assert isinstance(np.ravel(axes)[0], Axes)
    assert framed(axes, **WORDS["zh"], lang="zh") is None


@pytest.mark.parametrize("name", [name for name in CASES if name != "flow"])
def test_a_column_that_is_not_there_is_told_with_those_there_are(name):
    argument = next(a for a in ("y", "x", "label", "by") if a in CASES[name][1] or a == "x")
    with pytest.raises(ArgumentError, match=r"no column `rates`\. There are: n, .*Did you mean `rate`\?"):
        draw(name, **{argument: "rates"})
    assert not pyplot.get_fignums()  # nothing half drawn is left to be shown


@pytest.mark.parametrize("name", CASES)
def test_the_frame_is_left_as_it_was(name):
    before = CASES[name][0].copy()
    draw(name)
    pd.testing.assert_frame_equal(CASES[name][0], before)


@pytest.mark.parametrize("name", ["histogram", "waterfall", "map"])
def test_the_same_plot_is_the_same_bytes(name):
    first, second = chart(name), chart(name)
    drawn = first.png()
    first.figure.stale = True
    assert drawn == second.png() == first.png()
    assert first.svg() == second.svg()
    assert b"Software" not in first.png() and b"<dc:date>" not in first.svg()


def test_a_picture_is_drawn_once_until_the_figure_is_changed():
    made = chart("histogram")
    drawn = made.png()
    assert made.png() is drawn
    made.axes[0].axvline(0)
    assert made.png() != drawn


def test_other_scripts_are_drawn_in_other_fonts():
    names = ["Łódź", "Αθήνα", "Şişli", "ท้องถิ่น", "海淀"]
    made = framed(plots.bars(ROWS.assign(n=names), y="n", lang="en"), **WORDS["en"], lang="en")
    drawn, made.figure.stale = made.png(), True
    assert made.png() == drawn


def test_a_glyph_that_no_font_has_is_a_box():
    words = {**WORDS["en"], "title": "한 road"}
    made = framed(plots.bars(ROWS, y="n", lang="en"), **words, lang="en")
    assert any(t.get_text() == "□ road" for t in made.figure.findobj(Text))


def test_names_are_those_of_functions_also_after_their_homes_were_imported():
    import perflib.show.plots.rows  # noqa: F401

    assert all(callable(getattr(plots, name)) for name in dir(plots))
    with pytest.raises(AttributeError, match=r"`pf\.plot` has no 'pie'; it has Shade, bars, "):
        plots.pie  # noqa: B018


def test_a_figure_of_ones_own_is_framed_with_all_its_plots():
    figure, axes = pyplot.subplots(1, 2, figsize=(6, 3))
    plots.bars(ROWS, y="n", lang="en", ax=axes[0])
    plots.histogram(ROWS, lang="en", ax=axes[1])
    made = framed(axes, **WORDS["en"], lang="en")
    assert isinstance(made.figure, Figure) and made.figure is figure
    assert made.alt_text.startswith("Bars: ") and " Histogram: " in made.alt_text
    assert made.figure.get_figwidth() == theme.WIDTH and not pyplot.get_fignums()


def test_histogram_says_nothing_of_a_spike_that_is_not_there():
    with plots.style():
        ax = plots.histogram(pd.DataFrame({"rate": [0.4, 0.81, 0.93]}), lang="en")
    assert not [t for t in ax.texts if "exactly" in t.get_text()]
    assert all(float(tick).is_integer() for tick in ax.get_yticks())
