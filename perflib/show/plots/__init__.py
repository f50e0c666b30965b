"""Plots: each draws a frame on matplotlib Axes (new ones, or those given) in the suite's look, and gives them back.

Every plot takes a frame and names of its columns, with those of perflib's results as defaults: `pf.plot.dots(rates,
y="department")` draws `rate` with its interval from `low` to `high`. `lang` words the numbers; `ax` are Axes of your
own. Where there is nothing to draw the Axes come back without a mark, and a page leaves the figure out.
"""

from importlib import import_module

_HOMES = {
    "chart": ("board", "framed", "style"),
    "limits": ("control", "funnel"),
    "money": ("flow", "waterfall"),
    "panels": ("heat", "small_multiples"),
    "places": ("Shade", "map"),
    "points": ("differences", "quadrants", "scatter"),
    "rows": ("bars", "dots", "dumbbell", "pairs"),
    "spread": ("histogram",),
    "years": ("event", "fan", "lines"),
}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name: str):
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"`pf.plot` has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"perflib.show.plots.{home}"), name)


def __dir__() -> list[str]:
    return __all__
