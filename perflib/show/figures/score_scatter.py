"""`scatter` of `perflib.show.plots` for money against marks, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.points import scatter


def score_scatter(
    frame, *, x, y, x_line, y_line, x_label, y_label, corner_label, ceiling=100.0, lang, **words
):
    """See `perflib.show.plots`."""
    odd = f"`{x}` < {x_line} - 1e-12 and `{y}` >= {y_line}"
    options = {"x_line": x_line, "y_line": y_line, "corner": corner_label, "labels": (x_label, y_label)}
    return around(scatter(frame, x=x, y=y, odd=odd, lang=lang, **options), lang=lang, **words)
