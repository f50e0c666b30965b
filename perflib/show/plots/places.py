"""A map of districts, each shaded by what may be said of it, and named where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path

from perflib.data.outline import polygons_of
from perflib.data.text import say
from perflib.show.plots.axes import apart, key, listed, need
from perflib.show.plots.chart import about, drawing
from perflib.show.theme import BLUE, GREY, INK, ORANGE, PALE, PAPER, WIDTH, clip

# Hatching tells the shades apart where colours can't; in the order of the legend.
LOOKS = {"below": (ORANGE, "////"), "alike": (PALE, ""), "above": (BLUE, "...."), "too_few": (PAPER, "")}
NAMED = 40  # districts that a map can name
_TALLEST, _LOWEST, _LEGEND, _LINE = 5.2, 2.2, 0.3, 12 / 72  # inches; from a name at the side to the next
NAME_WIDTH = 26  # half-width characters of a name
_SIDE = 0.56  # of the width: room for names at both sides
_GRID = 24  # points each way among which the place of a name is sought


@dataclass(frozen=True)
class Shade:
    """How a group of districts looks, and the words that tell it in the legend."""

    words: str
    colour: str = PAPER
    hatch: str = ""


def map(
    frame: pd.DataFrame, *, y: str = "district_name", outline: str = "outline", by: str = "verdict",
    shades: dict[str, Shade] | None = None, mark: str | None = None, lang: str = "zh", ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """The districts of `frame` that have an `outline`, called by column `y`, shaded by column `by` as `shades` tells.

    None: the verdicts below, above, alike and too_few of a comparison, what calls for action in orange.

    Names stand inside a district where they fit, else at the side with a line to it; more than `NAMED` districts
    have none. The border of the one called `mark` is thick. A degree of longitude is drawn as short as it is at the
    districts' latitude.
    """
    shades = shades or {key: Shade(say(f"show_comparison.{key}", lang), *look) for key, look in LOOKS.items()}
    rows = need(frame, y, outline, by).dropna(subset=[outline]).reset_index(drop=True)
    shapes = [outline_path(text) for text in rows[outline]]
    side = _SIDE * (len(rows) <= NAMED)
    there = [held for held in shades if (rows[by] == held).any()]
    with drawing(ax, _height(shapes, side) + _LEGEND) as ax:
        ax.axis("off")
        if rows.empty:
            return ax
        line = 0.9 * NAMED / max(len(rows), NAMED)
        for held in there:
            own, look = [s for s, of in zip(shapes, rows[by], strict=True) if of == held], shades[held]
            _draw(ax, own, facecolor=look.colour, edgecolor=PAPER, hatch=look.hatch, lw=0, zorder=1)
            _draw(ax, own, facecolor="none", edgecolor=GREY, lw=line, zorder=2)
        marked = [s for s, name in zip(shapes, rows[y], strict=True) if name == mark]
        _draw(ax, marked, facecolor="none", edgecolor=INK, lw=2.2, zorder=3)
        key(ax, handles=[_patch(shades[held]) for held in there])
        if engine := ax.figure.get_layout_engine():
            engine.execute(ax.figure)
        _scale(ax, shapes, side)  # once the layout stands, a degree can be as long both ways
        if side:
            _names(ax, shapes, [clip(str(name), NAME_WIDTH) for name in rows[y]])
    parts = _parts(rows, y, by, shades, there, lang)
    return about(ax, "show_figures.alt_map", count=f"{len(rows):,}", parts=" ".join(parts))


def _height(shapes: Sequence[Path], side: float) -> float:
    """Inches under which the shapes fill the width but for the share `side`, and all names may stand at the sides."""
    if not shapes:
        return _LOWEST
    lowest = max(_LOWEST, _LINE * len(shapes) / 2) if side else _LOWEST
    across, up = extent(shapes)
    return float(np.clip(up / across * WIDTH * (1 - side), lowest, _TALLEST))


def _box(shapes: Sequence[Path]) -> tuple[np.ndarray, np.ndarray]:
    points = np.vstack([shape.vertices for shape in shapes])
    return points.min(axis=0), points.max(axis=0)


def extent(shapes: Sequence[Path]) -> np.ndarray:
    """How broad and how tall all shapes together are, in degrees of latitude."""
    low, high = _box(shapes)
    return np.maximum(high - low, 1e-9) * (np.cos(np.radians((low[1] + high[1]) / 2)), 1)


def _scale(ax: Axes, shapes: Sequence[Path], side: float) -> None:
    """Limits under which the shapes fill the plot but for the share `side` of its width, true to shape."""
    frame = np.array(ax.get_window_extent().size)
    low, high = _box(shapes)
    span = extent(shapes)
    degree = (span / (frame * (1 - side, 1) * 0.98)).max()  # degrees of latitude in a pixel
    half = frame * degree / 2 * (high - low) / span
    middle = (low + high) / 2
    ax.set_xlim(middle[0] - half[0], middle[0] + half[0])
    ax.set_ylim(middle[1] - half[1], middle[1] + half[1])


def outline_path(outline: str) -> Path:
    """The outline as one path; holes go round the other way, so that they stay empty."""
    numbered = (pair for polygon in polygons_of(outline) for pair in enumerate(polygon))
    rings = [_turned(ring, is_hole=at > 0) for at, ring in numbered]
    codes = [np.r_[Path.MOVETO, [Path.LINETO] * (len(r) - 2), Path.CLOSEPOLY] for r in rings]
    return Path(np.vstack(rings), np.concatenate(codes).astype(np.uint8))


def _turned(ring: np.ndarray, *, is_hole: bool) -> np.ndarray:
    x, y = (ring - ring[0]).T  # from its own corner: areas of far numbers lose digits
    area = np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])
    return ring[::-1] if (area > 0) == is_hole else ring


def _draw(ax: Axes, shapes: Sequence[Path], **look) -> None:
    ax.add_collection(PathCollection(shapes, **look), autolim=False)


def _patch(shade: Shade) -> Patch:
    edge = PAPER if shade.hatch else GREY
    return Patch(facecolor=shade.colour, edgecolor=edge, hatch=shade.hatch, lw=0.8, label=shade.words)


def _names(ax: Axes, shapes: Sequence[Path], names: Sequence[str]) -> None:
    """Names inside their districts where they fit; the others at both sides, each with a line."""
    pixels = [ax.transData.transform_path(shape) for shape in shapes]
    spots = [inner_points(shape) for shape in pixels]
    to_data = ax.transData.inverted().transform
    outside = []
    for at, name in enumerate(names):
        for told in dict.fromkeys((name, _in_two(name))):
            words = ax.annotate(told, to_data(spots[at][0]), ha="center", va="center", color=INK, zorder=5,
                                bbox={"facecolor": PAPER, "alpha": 0.9, "lw": 0, "pad": 1.2})  # fmt: skip
            room = _fitting(words.get_window_extent(), pixels[at], spots[at])
            words.set_in_layout(False)
            if len(room):
                words.xy = words.xyann = to_data(room[0])
                break
            words.remove()
        else:
            outside.append(at)
    if outside:
        places = np.array([spot[0] for spot in spots])
        _side_names(ax, places, names, np.array(outside), _box(pixels))


def _side_names(ax: Axes, places: np.ndarray, names: Sequence[str], outside: np.ndarray, box: tuple) -> None:
    """The names of the places `outside` in columns at both sides of the `box` (pixels) around all shapes."""
    (left, _), (right, _) = box
    frame, gap = ax.get_window_extent(), _LINE * ax.get_figure().dpi
    is_right = np.argsort(np.argsort(places[outside, 0], kind="stable")) >= len(outside) / 2
    to_data = ax.transData.inverted().transform
    sides = ((outside[~is_right], left - gap, "right", -4), (outside[is_right], right + gap, "left", 4))
    for own, x, ha, step in sides:
        if len(own):
            heights = _within(apart(places[own, 1], gap), frame.y0 + gap / 2, frame.y1 - gap / 2)
            for at, y in zip(own, heights, strict=True):
                ends = np.transpose(to_data([(x, y), places[at]]))
                ax.plot(*ends, color=INK, lw=0.7, zorder=4)  # below the names, which stay readable
                ax.plot(*ends[:, 1:], "o", ms=3.5, color=INK, mec=PAPER, mew=0.8, zorder=4)
                words = ax.annotate(names[at], ends[:, 0], (step, 0), textcoords="offset points", ha=ha,
                                    va="center", color=INK, zorder=5, annotation_clip=False)  # fmt: skip
                words.set_in_layout(False)


def _in_two(name: str) -> str:
    """The name in two lines, broken at the blank nearest to its middle."""
    blanks = [at for at, c in enumerate(name) if c == " "]
    if not blanks:
        return name
    at = min(blanks, key=lambda blank: abs(blank - len(name) / 2))
    return f"{name[:at]}\n{name[at + 1 :]}"


def _within(heights: np.ndarray, low: float, high: float) -> np.ndarray:
    """Heights moved up or down together, so that none leaves the plot."""
    return heights + max(low - heights.min(), 0) - max(heights.max() - high, 0)


def inner_points(shape: Path) -> np.ndarray:
    """Points of a grid inside the shape, the deepest first; its middle where none is inside."""
    low, high = shape.vertices.min(axis=0), shape.vertices.max(axis=0)
    steps = (np.arange(_GRID) + 0.5) / _GRID
    grid = np.stack(np.meshgrid(*(low + (high - low) * steps[:, None]).T), axis=-1).reshape(-1, 2)
    inside = grid[contains(shape, grid)]
    if not len(inside):
        return ((low + high) / 2)[None]
    edge = shape.interpolated(4).vertices
    # A name is broad and low: what lies above it may be nearer than what lies beside it.
    depth = np.array([np.hypot(*((point - edge) / (2.0, 1.0)).T).min() for point in inside])
    return inside[np.argsort(-depth, kind="stable")]


def contains(shape: Path, points: np.ndarray) -> np.ndarray:
    """Which points lie in the shape and in none of its holes: those within an odd number of rings."""
    rings = shape.to_polygons()
    return np.logical_xor.reduce([Path(ring).contains_points(points) for ring in rings])


def _fitting(box, shape: Path, spots: np.ndarray) -> np.ndarray:
    """Those of `spots` around which a name as large as `box` lies wholly inside the shape."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 9) * box.width, np.array([-0.5, 0, 0.5]) * box.height)
    around = np.column_stack([x.ravel(), y.ravel()])
    inside = contains(shape, (spots[:, None] + around[None]).reshape(-1, 2))
    return spots[inside.reshape(len(spots), -1).all(axis=1)]


def _parts(rows: pd.DataFrame, y: str, by: str, shades: dict, there: Sequence[str], lang: str) -> list[str]:
    """What a reader sees: how many districts each shade has, and their names where the map has names."""
    is_named, told = len(rows) <= NAMED, []
    for held in there:
        names = rows.loc[rows[by] == held, y].astype(str).tolist()
        fields = {"words": shades[held].words, "count": f"{len(names):,}", "names": listed(names, lang)}
        told.append(say(f"show_figures.alt_map_{'names' if is_named else 'count'}", lang, **fields))
    return told
