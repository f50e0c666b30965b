"""`map` of `perflib.show.plots`, as chapters call it."""

from perflib.show.figures.around import around
from perflib.show.plots import places
from perflib.show.plots.places import NAMED, Shade

__all__ = ["NAMED", "Shade", "district_map"]


def district_map(frame, *, label, outline, group, shades, highlight=None, lang, **words):
    """See `perflib.show.plots`."""
    ax = places.map(frame, y=label, outline=outline, by=group, shades=shades, mark=highlight, lang=lang)
    return around(ax, lang=lang, **words)
