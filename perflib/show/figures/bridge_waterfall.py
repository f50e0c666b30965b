"""`waterfall` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.money import waterfall


def bridge_waterfall(
    frame, *, label, contribution, start, end, start_label, end_label, largest=10, lang, **words
):
    """See `perflib.show.plots`."""
    return around(
        waterfall(
            frame,
            y=label,
            x=contribution,
            start=start,
            end=end,
            ends=(start_label, end_label),
            largest=largest,
            lang=lang,
        ),
        lang=lang,
        **words,
    )
