"""`event` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.years import event


def event_plot(frame, *, time, value, lower, upper, is_before, unit="points", lang, **words):
    """See `perflib.show.plots`."""
    return around(
        event(frame, x=time, y=value, low=lower, high=upper, before=is_before, unit=unit, lang=lang),
        lang=lang,
        **words,
    )
