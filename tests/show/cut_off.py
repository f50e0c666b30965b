"""What no figure may do: let words reach over its edge."""

from matplotlib.axes import Axes
from matplotlib.text import Text

from perflib.show.plots.chart import Chart
from perflib.show.theme import theme


def cut_off(chart: Chart) -> list[str]:
    """The words that reach over the edge of `chart`; none in a good figure."""
    figure = chart.figure
    with theme():
        figure.draw_without_rendering()
        frame = figure.bbox
        unseen = {id(t) for ax in figure.axes for t in _ticks_out_of_view(ax)}
        texts = [
            t
            for t in figure.findobj(Text)
            if t.get_text().strip() and t.get_visible() and id(t) not in unseen
        ]
        boxes = [(t.get_text(), t.get_window_extent()) for t in texts]
    return [
        words
        for words, box in boxes
        if box.x0 < frame.x0 - 1 or box.x1 > frame.x1 + 1 or box.y0 < frame.y0 - 1 or box.y1 > frame.y1 + 1
    ]


def _ticks_out_of_view(ax: Axes) -> list[Text]:
    """Labels of ticks beyond the axis' ends: matplotlib keeps them but never draws them."""
    found = []
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        beyond = [t for t in axis.get_major_ticks() if not low - 1e-9 <= t.get_loc() <= high + 1e-9]
        found += [label for t in beyond for label in (t.label1, t.label2)]
    return found
