"""`quadrants` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import points


def quadrants(frame, *, x, y, outside, x_label, y_label, corners, outside_label, inside_label, lang, **words):
    """See `perflib.show.plots`."""
    return around(
        points.quadrants(
            frame,
            x=x,
            y=y,
            odd=outside,
            corners=corners,
            kinds=(inside_label, outside_label),
            labels=(x_label, y_label),
            lang=lang,
        ),
        lang=lang,
        **words,
    )
