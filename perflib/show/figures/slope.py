"""Two points in time, a line for each name."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import apart, printed
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, clip, finish, new_chart, theme


def slope(
    frame: pd.DataFrame,
    *,
    label: str,
    before: str,
    after: str,
    before_label: str,
    after_label: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    unit: str = "share",
    highlight: str | None = None,
    told: str | None = None,
    is_sample: bool = False,
) -> Chart:
    """A line per row from `before` to `after`; rises are blue and solid, falls orange and dashed.

    With `highlight`, only that name is coloured; with `told`, only the rows where that column is true.
    Labels at both ends are kept apart.
    """
    rows = frame.dropna(subset=[before, after]).reset_index(drop=True)
    with theme():
        height = min(max(3.4, 0.6 + 0.27 * len(rows)), 8.5)
        chart = new_chart(title, subtitle, source, lang, height=height, is_sample=is_sample)
        ax = chart.add_subplot()
        span = (
            float(rows[[before, after]].max().max() - rows[[before, after]].min().min()) if len(rows) else 1.0
        )
        gap = (span or 1.0) * 0.27 / height * 0.95
        left, right = apart(rows[before], gap), apart(rows[after], gap)
        for i, row in rows.iterrows():
            is_quiet = (highlight is not None and row[label] != highlight) or (told is not None and not row[told])
            is_fall = row[after] < row[before]
            colour = GREY if is_quiet else ORANGE if is_fall else BLUE
            ax.plot(
                [0, 1],
                [row[before], row[after]],
                color=colour,
                marker="o",
                ms=5,
                lw=1 if is_quiet else 2,
                ls=(0, (5, 2)) if is_fall else "-",
                alpha=0.7 if is_quiet else 1,
            )
            name = clip(str(row[label]), 22)
            ends = ((-0.04, left[i], before, "right"), (1.04, right[i], after, "left"))
            for x, y, column, side in ends:
                value = printed(row[column], unit, lang)
                words = f"{name}  {value}" if side == "right" else f"{value}  {name}"
                ax.text(x, y, words, ha=side, va="center", color=INK if not is_quiet else GREY)
        ax.set_xlim(-0.9, 1.9)
        ends = [*left, *right, *rows[before], *rows[after]]
        if ends:  # names pushed apart may reach beyond the lines
            ax.set_ylim(min(ends) - gap / 2, max(ends) + gap / 2)
        ax.set_xticks([0, 1], [before_label, after_label])
        ax.xaxis.tick_top()
        ax.tick_params(axis="x", labelsize=11, labelcolor=INK)
        ax.yaxis.set_visible(False)
        for side in ax.spines.values():
            side.set_visible(False)
        falls = int((rows[after] < rows[before]).sum())
        return finish(chart, say("show_figures.alt_slope", lang, title=title, count=len(rows), falls=falls))
