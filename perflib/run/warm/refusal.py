"""Why a kernel can't be forked warm here and now."""

import sys

from perflib.data.errors import Wording


def unsupported() -> Wording | None:
    """Why this system has no warm kernels at all, or None when it has."""
    if not sys.platform.startswith("linux"):
        return Wording("run_warm.not_linux", system=sys.platform)
    return None
