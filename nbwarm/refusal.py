"""Why a kernel can't be forked warm here and now."""

import sys

from perflib.data.errors import Wording


class Refused(Exception):
    """No warm kernel this time; `wording` says why."""

    def __init__(self, key: str, **fields):
        super().__init__(key)
        self.wording = Wording(f"run_warm.{key}", **fields)


def unsupported() -> Wording | None:
    """Why this system has no warm kernels at all, or None when it has."""
    if not sys.platform.startswith("linux"):
        return Wording("run_warm.not_linux", system=sys.platform)
    return None
