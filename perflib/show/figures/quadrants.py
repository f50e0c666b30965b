"""Money and goals against what was due, a dot each, with the four quadrants named in words."""

import pandas as pd

from perflib.data.text import say
from perflib.show.figures.axes import number_axis
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PAPER, Chart, finish, new_chart, theme

CORNERS = {"goals_late": (0.98, 0.03, "right", "bottom"), "on_track": (0.98, 0.97, "right", "top"),
           "money_late": (0.02, 0.97, "left", "top"), "both_late": (0.02, 0.03, "left", "bottom")}  # fmt: skip


def quadrants(
    frame: pd.DataFrame,
    *,
    x: str,
    y: str,
    outside: str,
    title: str,
    subtitle: str,
    source: str,
    lang: str,
    x_label: str,
    y_label: str,
    corners: dict[str, str],
    outside_label: str,
    inside_label: str,
    is_sample: bool = False,
) -> Chart:
    """A dot per row with both gaps (`x` money, `y` goals; shares of the whole); the cross is what was due.

    `corners` gives the words of `on_track`, `money_late`, `goals_late` and `both_late`. Rows with `outside` are
    orange diamonds.
    """
    known = frame.dropna(subset=[x, y])
    out = known[outside].astype(bool)
    with theme():
        chart = new_chart(title, subtitle, source, lang, height=5.4, is_sample=is_sample)
        ax = chart.add_subplot()
        ax.axhline(0, color=GREY, lw=1, zorder=1)
        ax.axvline(0, color=GREY, lw=1, zorder=1)
        ax.scatter(known[x][~out], known[y][~out], s=18, color=BLUE, alpha=0.4, lw=0, label=inside_label)
        ax.scatter(
            known[x][out], known[y][out], s=30, color=ORANGE, marker="D", lw=0, zorder=3, label=outside_label
        )
        _frame(ax, known, x, y)
        for key, (left, bottom, ha, va) in CORNERS.items():
            ax.text(left, bottom, corners[key], transform=ax.transAxes, ha=ha, va=va, color=INK, zorder=5,
                    bbox={"facecolor": PAPER, "alpha": 0.85, "lw": 0, "pad": 1.5})  # fmt: skip
        ax.set(xlabel=x_label, ylabel=y_label)
        ax.grid(color="#e9edf1", lw=0.6)
        number_axis(ax, "share", lang)
        number_axis(ax, "share", lang, axis="y")
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False, handletextpad=0.2)
        words = {"title": title, "count": len(known), "outside": int(out.sum())}
        return finish(chart, say("monitoring.alt_quadrants", lang, **words))


def _frame(ax, known: pd.DataFrame, x: str, y: str) -> None:
    """One scale on both axes' sides of the cross, with room in the corners for the words."""
    reach = [max(0.3, float(known[c].abs().max()) * 1.12) if len(known) else 0.3 for c in (x, y)]
    ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1] * 1.15, reach[1] * 1.15))
