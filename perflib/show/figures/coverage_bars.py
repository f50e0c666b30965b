"""`pairs` of `perflib.show.plots` for shares by number and by amount, as chapters call it."""

from perflib.data.text import say
from perflib.show.figures.around import around
from perflib.show.plots.rows import pairs


def coverage_bars(frame, *, label, by_count, by_amount, lang, **words):
    """See `perflib.show.plots`."""
    labels = [say(f"show_figures.{key}", lang) for key in ("by_count", "by_amount")]
    ax = pairs(frame, y=label, x=(by_count, by_amount), labels=labels, unit="share", lang=lang)
    return around(ax, lang=lang, **words)
