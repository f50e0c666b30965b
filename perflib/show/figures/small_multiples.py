"""`small_multiples` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import panels


def small_multiples(frame, *, facet, x, y, unit="share", columns=4, segment=None, marks=None, lang, **words):
    """See `perflib.show.plots`."""
    breaks = None if marks is None else marks.rename(columns={"facet": facet, "x": x})
    axes = panels.small_multiples(
        frame, by=facet, x=x, y=y, unit=unit, columns=columns, segment=segment, breaks=breaks, lang=lang
    )
    return around(axes, axes[0], lang=lang, **words)
