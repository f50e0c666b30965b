"""Where the files that travel with perflib lie, in a checkout and in an installed wheel, and who names the shelf."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parent
SHELF = "PERFLIB_SHELF"
"""The variable that names the folder in which the processes of a run share what they read (`perflib.data.shelf`).

Whoever starts the run makes it, private, and removes it.
"""


def shared_folder(name: str) -> Path:
    """Folder `name` ("notebooks", "data" or "reports/templates") that came with perflib.

    A wheel carries it under `perflib/share`; a checkout has it at the top level.
    """
    packed = PACKAGE / "share" / name
    return packed if packed.is_dir() else CHECKOUT / name
