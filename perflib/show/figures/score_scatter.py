"""`score_scatter` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import points


def score_scatter(
    frame, *, x, y, x_line, y_line, x_label, y_label, corner_label, ceiling=100.0, lang, **words
):
    """See `perflib.show.plots`."""
    return around(
        points.score_scatter(
            frame,
            x=x,
            y=y,
            x_line=x_line,
            y_line=y_line,
            corner=corner_label,
            full=ceiling,
            labels=(x_label, y_label),
            lang=lang,
        ),
        lang=lang,
        **words,
    )
