"""Money against marks: which slow spenders still gave themselves a good score."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, Chart, finish, new_chart, theme


def score_scatter(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    x_line: float,
    y_line: float,
    x_label: str,
    y_label: str,
    corner_label: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    ceiling: float = 100.0,
    is_sample: bool = False,
) -> Chart:
    """A dot per row with both values: `x` a share, `y` a score.

    Rows below `x_line` that reach `y_line` are orange diamonds, named once by `corner_label`. The scale of
    scores starts below the lowest, since all of them crowd at the top.
    """
    known = frame.dropna(subset=[x, y])
    is_odd = (known[x] < x_line - 1e-12) & (known[y] >= y_line)
    lowest = float(known[y].min()) if len(known) else ceiling
    right = max(1.03, float(known[x].max()) * 1.02) if len(known) else 1.03
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=4.4, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.scatter(known[x][~is_odd], known[y][~is_odd], s=22, color=BLUE, alpha=0.5, lw=0, zorder=2)
        ax.scatter(known[x][is_odd], known[y][is_odd], s=30, color=ORANGE, marker="D", lw=0, zorder=3)
        ax.axvline(x_line, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=1)
        ax.axhline(y_line, color=GREY, lw=0.9, ls=(0, (3, 3)), zorder=1)
        bottom = min(lowest, y_line) - 3
        ax.set(
            xlim=(-0.02, right),
            ylim=(bottom, ceiling + (ceiling - bottom) * 0.14),
            xlabel=x_label,
            ylabel=y_label,
        )
        ax.annotate(corner_label, (0, 1), (6, -4), xycoords="axes fraction", textcoords="offset points", va="top",
                    color=ORANGE if is_odd.any() else INK)  # fmt: skip
        ax.grid(color="#e9edf1", lw=0.6)
        ax.set_yticks([t for t in ax.get_yticks() if bottom <= t <= ceiling])
        number_axis(ax, "share", lang)
        fields = {"count": f"{len(known):,}", "odd": f"{int(is_odd.sum()):,}"}
        return finish(chart, say("show_figures.alt_score_scatter", lang, title=title, **fields))
