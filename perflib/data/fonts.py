"""The fonts that print: Noto Sans SC, and Noto Sans of other scripts where it has no glyph.

What none of them has is shown as □ and named by `perflib check`; marks that nobody sees are dropped.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from perflib.data.amounts import INVISIBLE
from perflib.data.stack import Stack

NO_GLYPH = "□"
_UNSURE = "[^\x00-\x7f\u4e00-\u9fa5]"  # the bundled font has all others
_UNSEEN = re.compile(f"{INVISIBLE}|[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def font_file() -> Path:
    """The bundled font: Noto Sans SC, found in the package zhplot without importing it."""
    return _folder("zhplot") / "fonts" / "NotoSansSC-Regular.ttf"


@cache
def fallback_files() -> tuple[Path, ...]:
    """Fonts for what the bundled one lacks, in the order in which they are asked: Latin first, emoji last.

    None where their package is missing: then more comes as □, and nothing fails.
    """
    if find_spec("manimgx_fonts") is None:
        return ()
    found = [f for f in _folder("manimgx_fonts").glob("Noto*.ttf") if "Italic" not in f.name]
    return tuple(sorted(found, key=lambda f: ("Emoji" in f.name, len(f.name), f.name)))


def _folder(package: str) -> Path:
    return Path(find_spec(package).submodule_search_locations[0])


@cache
def _glyphs(file: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def family(file: Path) -> str:
    """The family of a font: what its file is called, as Noto names them.

    >>> family(Path("NotoSansArabic[wght].ttf"))
    'Noto Sans Arabic'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", file.name.partition("[")[0].partition("-")[0])


@cache
def _file_of(character: str) -> Path | None:
    """The font that prints a character; None if none does."""
    files = (font_file(), *fallback_files())
    return next((f for f in files if ord(character) in _glyphs(f)), None)


def _unsure(text: str) -> set[str]:
    return {c for c in re.findall(_UNSURE, text) if not c.isspace()}


def missing_glyphs(text: str) -> str:
    """The characters of `text` that no font prints, marks that nobody sees left out."""
    lacking = {c for c in _unsure(_UNSEEN.sub("", "".join(set(text)))) if _file_of(c) is None}
    return "".join(dict.fromkeys(c for c in text if c in lacking)) if lacking else ""


def fallbacks_for(text: str) -> list[Path]:
    """The fonts beside the bundled one that `text` needs."""
    needed = {_file_of(c) for c in _unsure(_UNSEEN.sub("", text))}
    return [f for f in fallback_files() if f in needed]


def printable(text: str) -> str:
    """`text` as it can be printed: □ for what no font has, and without marks that nobody sees.

    >>> printable("Łódź\u200e 道路")
    'Łódź 道路'
    """
    seen = _UNSEEN.sub("", text)
    if not (lacking := missing_glyphs(seen)):
        return seen
    return seen.translate({ord(c): NO_GLYPH for c in lacking})


def check_glyphs(stack: Stack) -> Iterator[pd.DataFrame]:
    """Words of a table with characters that no font prints."""
    for name in (n for n in stack.table.of_kind("text", "code") if n in stack.frame):
        known = pd.Series(stack.frame[name].dropna().unique())
        if lacking := missing_glyphs("".join(known[known.str.contains(_UNSURE)])):
            words = stack.frame[name].astype(object).to_numpy()
            bad = {w for w in known if any(c in w for c in lacking)}
            at = np.flatnonzero([w in bad for w in words])
            told = [missing_glyphs(words[i]) for i in at]
            yield stack.report("no_glyph", "warning", name, at, found=list(words[at]), expected=told)
