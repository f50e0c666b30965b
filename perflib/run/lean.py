"""Importing papermill without parts that cost seconds and that no worker of ours uses."""

import sys

UNUSED = ("rfc3987_syntax", "pyarrow")
"""jsonschema's check of international addresses compiles a grammar; papermill wants Hadoop's file system."""


def import_papermill() -> None:
    """Import papermill as if `UNUSED` were not installed; both packages make do without them."""
    blocked = {name: None for name in UNUSED if name not in sys.modules}
    sys.modules.update(blocked)
    try:
        import papermill.execute  # noqa: F401
    finally:
        for name in blocked:
            sys.modules.pop(name, None)
