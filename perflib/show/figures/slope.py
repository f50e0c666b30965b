"""`slope` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import years


def slope(
    frame, *, label, before, after, before_label, after_label, unit="share", highlight=None, lang, **words
):
    """See `perflib.show.plots`."""
    return around(
        years.slope(
            frame,
            y=label,
            before=before,
            after=after,
            ends=(before_label, after_label),
            unit=unit,
            mark=highlight,
            lang=lang,
        ),
        lang=lang,
        **words,
    )
