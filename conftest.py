"""nbval compares the stored outputs of the notebooks; here figures too, byte for byte."""

IMAGES = ("image/png", "image/jpeg")


def pytest_collectstart(collector):
    """nbval leaves images out; ours come out the same on every run, so they are compared like the rest."""
    if skipped := getattr(collector, "skip_compare", None):
        collector.skip_compare = tuple(kind for kind in skipped if kind not in IMAGES)
