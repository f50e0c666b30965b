"""`pairs` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.rows import pairs


def paired_bars(frame, *, label, first, second, first_label, second_label, unit="count", lang, **words):
    """See `perflib.show.plots`."""
    return around(
        pairs(frame, y=label, x=(first, second), labels=(first_label, second_label), unit=unit, lang=lang),
        lang=lang,
        **words,
    )
