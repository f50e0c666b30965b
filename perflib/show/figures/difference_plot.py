"""`differences` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.points import differences


def difference_plot(frame, *, first, second, bias, lower, upper, x_label, y_label, lang, **words):
    """See `perflib.show.plots`."""
    return around(
        differences(
            frame, x=first, y=second, bias=bias, low=lower, high=upper, labels=(x_label, y_label), lang=lang
        ),
        lang=lang,
        **words,
    )
