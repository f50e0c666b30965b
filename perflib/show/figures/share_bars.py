"""`bars` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.rows import bars


def share_bars(frame, *, label, value, unit="share", highlight=None, is_sorted=True, lang, **words):
    """See `perflib.show.plots`."""
    return around(
        bars(frame, y=label, x=value, unit=unit, mark=highlight, is_sorted=is_sorted, lang=lang),
        lang=lang,
        **words,
    )
