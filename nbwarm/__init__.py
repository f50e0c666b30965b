"""Warm kernels: notebooks that start in a tenth of a second, for papermill, nbclient and nbval.

A helper process imports the usual packages once and forks a kernel for each notebook. See README.md.
"""

from importlib import import_module

_PLACES = {
    "Helpers": "nbwarm.client",
    "HelperProcess": "nbwarm.client",
    "Reason": "nbwarm.reasons",
    "Refused": "nbwarm.reasons",
    "unsupported": "nbwarm.reasons",
}
__all__ = list(_PLACES)


def __getattr__(name: str):
    if name not in _PLACES:
        raise AttributeError(f"module `nbwarm` has no attribute `{name}`; it has {', '.join(__all__)}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return __all__
