"""A plot of `perflib.show.plots` with its words around it, for chapters that are not yet notebooks."""

from perflib.show.plots.chart import Chart, about, framed


def around(
    axes, first=None, *, title: str, subtitle: str, source: str, lang: str, is_sample: bool = False
) -> Chart:
    """The chart of `axes`; a plot that had nothing to draw keeps its empty place."""
    first = axes if first is None else first
    if not hasattr(first, "in_short"):
        about(first, "show_figures.alt_multiples", count=0)
    return framed(axes, title, subtitle, source, lang, is_sample=is_sample)
