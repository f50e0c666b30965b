"""Every figure, in both languages: nothing cut off, the same bytes, words for those who can't see it."""

import numpy as np
import pandas as pd
import pytest

from perflib.data.errors import PerflibError
from perflib.data.outline import read_outline
from perflib.show import theme
from perflib.show.figures.axes import apart
from perflib.show.figures.bridge_waterfall import bridge_waterfall
from perflib.show.figures.budget_flow import budget_flow
from perflib.show.figures.coverage_bars import coverage_bars
from perflib.show.figures.district_map import Shade, district_map
from perflib.show.figures.funnel import funnel
from perflib.show.figures.heat_table import heat_table
from perflib.show.figures.monthly_lines import monthly_lines
from perflib.show.figures.ranked_dots import ranked_dots
from perflib.show.figures.rates_histogram import rates_histogram
from perflib.show.figures.scatter_band import scatter_band
from perflib.show.figures.share_bars import share_bars
from perflib.show.figures.slope import slope
from perflib.show.figures.small_multiples import small_multiples

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
        "v": [0.99, 0.9, 0.9, 0.4, None],
        "lo": [0.9, 0.8, 0.85, 0.2, None],
        "hi": [1.05, 0.95, 0.95, 0.6, None],
        "c": [-0.04, 0.01, 0.002, -0.0001, None],
        "size": [400, 30, 80, 10, 5],
        "tier": ["a", "b", "b", "c", "c"],
        "amount": [1.1e9, 1.3e9, 1.2e9, 9e7, None],
    }
)
MONTHS = pd.DataFrame(
    [(n, m, 0.07 * m * (1 + i / 9)) for i, n in enumerate(NAMES) for m in range(1, 10)],
    columns=["n", "m", "v"],
)


def square(at: int) -> str:
    return read_outline(f"POLYGON (({at} 40, {at + 1} 40, {at + 1} 41, {at} 41, {at} 40))")[0]


CASES = {
    "histogram": lambda **k: rates_histogram(ROWS, column="v", **k),
    "ranked": lambda **k: ranked_dots(
        ROWS,
        label="n",
        value="v",
        lower="lo",
        upper="hi",
        tier="tier",
        reference=0.9,
        reference_label="x",
        highlight=NAMES[1],
        **k,
    ),
    "bridge": lambda **k: bridge_waterfall(
        ROWS,
        label="n",
        contribution="c",
        start=0.9,
        end=0.8719,
        start_label="a",
        end_label="b",
        largest=3,
        **k,
    ),
    "flow": lambda **k: budget_flow(ROWS, label="n", value="amount", remainder=(NAMES[3],), **k),
    "shares": lambda **k: share_bars(ROWS, label="n", value="v", highlight=NAMES[0], **k),
    "months": lambda **k: monthly_lines(MONTHS, month="m", value="v", group="n", **k),
    "coverage": lambda **k: coverage_bars(ROWS, label="n", by_count="v", by_amount="lo", **k),
    "scatter": lambda **k: scatter_band(ROWS, x="v", y="lo", label="n", x_label="a", y_label="b", **k),
    "funnel": lambda **k: funnel(
        ROWS, label="n", size="size", value="v", centre=0.9, lower="lo", upper="hi", size_label="s", **k
    ),
    "own_limits": lambda **k: funnel(
        ROWS,
        label="n",
        size="size",
        value="v",
        centre=0.9,
        lower="lo",
        upper="hi",
        outer_lower="lo",
        outer_upper="hi",
        has_own_limits=True,
        size_label="s",
        **k,
    ),
    "slope": lambda **k: slope(
        ROWS, label="n", before="lo", after="v", before_label="2021", after_label="2022", **k
    ),
    "multiples": lambda **k: small_multiples(MONTHS, facet="n", x="m", y="v", **k),
    "map": lambda **k: district_map(
        ROWS.assign(outline=[square(at) for at in range(5)]),
        label="n",
        outline="outline",
        group="tier",
        shades={tier: Shade(tier, theme.ORANGE, "//" * at) for at, tier in enumerate("abc")},
        highlight=NAMES[1],
        **k,
    ),
    "heat": lambda **k: heat_table(MONTHS, row="n", column="m", value="v", middle=0.3, **k),
}
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


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_nothing_is_cut_off(name, lang):
    chart = CASES[name](lang=lang, is_sample=True, **WORDS[lang])
    assert theme.cut_off(chart) == []
    assert len(chart.alt_text) > len(WORDS[lang]["title"])
    assert any("示例" in t.get_text() or "not real" in t.get_text() for t in chart.texts)


@pytest.mark.parametrize("name", ["histogram", "bridge"])
def test_the_same_figure_is_the_same_bytes(name):
    first, second = (CASES[name](lang="zh", **WORDS["zh"]) for _ in range(2))
    assert first.png() == second.png() == first.png()
    assert first.svg() == second.svg()
    assert b"Software" not in first.png() and b"<dc:date>" not in first.svg()


@pytest.mark.parametrize("name", CASES)
def test_no_rows_is_no_error(name):
    if name == "multiples":
        pytest.skip("no panels without names")
    empty = {"ROWS": ROWS.iloc[:0], "MONTHS": MONTHS.iloc[:0]}
    kept = {k: globals()[k] for k in empty}
    globals().update(empty)
    try:
        chart = CASES[name](lang="zh", **WORDS["zh"])
    finally:
        globals().update(kept)
    assert theme.cut_off(chart) == []


def test_with_limits_of_their_own_the_inner_ones_decide():
    rows = pd.DataFrame({"n": ["a", "b"], "size": [5.0, 6.0], "v": [0.5, 0.9], "lo": [0.6, 0.6], "hi": [0.95, 0.95],
                         "olo": [0.4, 0.4], "ohi": [1.0, 1.0]})  # fmt: skip
    names = dict(label="n", size="size", value="v", centre=0.8, lower="lo", upper="hi", size_label="s")
    outer = dict(outer_lower="olo", outer_upper="ohi")
    own = funnel(rows, **names, **outer, has_own_limits=True, lang="en", **WORDS["en"])
    shared = funnel(rows, **names, **outer, lang="en", **WORDS["en"])
    assert "1 of them outside" in own.alt_text and "0 of them outside" in shared.alt_text


def test_a_missing_glyph_is_an_error():
    with pytest.raises(PerflibError, match="no glyph for 😀"):
        share_bars(ROWS.assign(n="😀"), label="n", value="v", lang="en", **WORDS["en"])


def test_rare_names_of_real_districts_are_in_the_font():
    assert theme.missing_glyphs("鄠邑 浉河 猇亭 Área ≥ − — · 〔〕") == ""


def contrast(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)  # WCAG 2, against white


@pytest.mark.parametrize("colour", [*theme.PALETTE, theme.INK])
def test_colours_stand_out_on_white(colour):
    assert contrast(colour) >= 4.5


def test_the_spike_is_apart_from_the_bins():
    rates = pd.DataFrame({"v": [1.0] * 7 + [0.9, 0.95, 0.9999, 1.3]})
    chart = rates_histogram(rates, column="v", lang="en", **WORDS["en"])
    heights = [round(p.get_height()) for p in chart.axes[0].patches]
    assert (
        heights[-1] == 7
        and sum(heights[:-1]) == 4
        and heights[18] == 1
        and heights[19] == 2
        and heights[23] == 1
    )


def test_labels_move_as_little_as_keeps_them_apart():
    rng = np.random.default_rng(5)
    for _ in range(50):
        wanted = rng.normal(size=8)
        placed = apart(wanted, 0.3)
        assert (np.diff(np.sort(placed)) >= 0.3 - 1e-9).all()
        assert (np.argsort(placed, kind="stable") == np.argsort(wanted, kind="stable")).all()
    assert apart([0.0, 5.0], 1.0).tolist() == [0.0, 5.0]
