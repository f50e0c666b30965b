"""Why a kernel can't be forked warm here and now, told in Chinese and in English."""

import sys
import tomllib
from functools import cache
from pathlib import Path


class Reason:
    """A sentence of `reasons.toml`, its fields to be filled in."""

    def __init__(self, key: str, **fields):
        self.key, self.fields = key, fields

    def sentence(self, lang: str = "en") -> str:
        """The sentence in `lang`, "zh" or "en"."""
        return _sentences()[self.key][lang].format(**self.fields)


class Refused(Exception):
    """No warm kernel this time; `reason` says why."""

    def __init__(self, key: str, **fields):
        super().__init__(key)
        self.reason = Reason(key, **fields)


def unsupported() -> Reason | None:
    """Why this system has no warm kernels at all, or None when it has."""
    if not sys.platform.startswith("linux"):
        return Reason("not_linux", system=sys.platform)
    return None


@cache
def _sentences() -> dict:
    return tomllib.loads(Path(__file__).with_name("reasons.toml").read_text("utf-8"))
