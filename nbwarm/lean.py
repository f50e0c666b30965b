"""Importing packages without optional parts that cost seconds and that nothing here uses."""

import contextlib
import sys

UNUSED = ("rfc3987_syntax", "pyarrow")
"""jsonschema's check of international addresses compiles a grammar; papermill wants Hadoop's file system."""


@contextlib.contextmanager
def not_installed(*names: str):
    """Within this block packages that aren't loaded yet are imported as if they weren't there."""
    blocked = {name: None for name in names if name not in sys.modules}
    sys.modules.update(blocked)
    try:
        yield
    finally:
        for name in blocked:
            sys.modules.pop(name, None)


def import_papermill() -> None:
    """Import papermill without `UNUSED`, which it makes do without."""
    with not_installed(*UNUSED):
        import papermill.execute  # noqa: F401
