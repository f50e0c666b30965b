"""nbval compares the stored outputs of the notebooks; here on warm kernels, and figures too, byte for byte."""

from nbwarm.lean import not_installed

with not_installed("rfc3987_syntax"):  # nbformat can do without it; compiling its grammar takes a second
    import nbformat  # noqa: F401

pytest_plugins = ["nbval", "nbwarm.nbval"]
IMAGES = ("image/png", "image/jpeg")


def pytest_collectstart(collector):
    """nbval leaves images out; ours come out the same on every run, so they are compared like the rest."""
    if skipped := getattr(collector, "skip_compare", None):
        collector.skip_compare = tuple(kind for kind in skipped if kind not in IMAGES)
