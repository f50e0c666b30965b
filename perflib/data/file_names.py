"""File names made from names of districts and departments: harmless on every system, and still readable."""

import re
import unicodedata

from perflib.data.digests import sha256

LONGEST = 60
EDGES = "-._ "
RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


def safe_name(text: str) -> str:
    """`text` as one part of a path: letters and digits of any script, `-`, `_`, inner dots and single spaces.

    A name that had to be changed carries a short hash, so that two names never share a file.

    >>> safe_name("城东区-2023")
    '城东区-2023'
    >>> safe_name("../etc")
    'etc-f7f9121f'
    """
    normal = unicodedata.normalize("NFC", str(text))
    kept = re.sub(r"[^\w. （）-]+|  +", "-", normal)
    kept = re.sub(r"\.{2,}", "-", kept).strip(EDGES)[:LONGEST].rstrip(EDGES)
    if kept and kept == text and not RESERVED.match(kept.split(".")[0]):
        return kept
    mark = sha256(str(text).encode("utf-8", "surrogatepass"))[:8]
    return f"{kept}-{mark}" if kept and not RESERVED.match(kept) else f"x-{mark}"
