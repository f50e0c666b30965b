"""`control` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots.limits import control


def control_panels(frame, *, facet, x, lang, **words):
    """See `perflib.show.plots`."""
    axes = control(frame, by=facet, x=x, lang=lang)
    return around(axes, axes[0], lang=lang, **words)
