"""What a reader sees of a PDF."""

from pathlib import Path

import numpy as np
import pypdfium2
from pypdfium2 import raw

HEAD, FOOT = 26 * 72 / 25.4, 22 * 72 / 25.4  # points, of A4


def page_texts(pdf: Path | bytes) -> list[str]:
    """The words of each page."""
    # a hyphen at the end of a line is marked by a character that stands for none
    return [page.get_textpage().get_text_range().replace("\r\n", "\n").replace("\ufffe", "-")
            for page in pypdfium2.PdfDocument(pdf)]  # fmt: skip


def fullness(pdf: Path) -> list[float]:
    """How far down words and pictures stand on each page, between its head and its foot."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        seen = page.render(scale=1, grayscale=True).to_numpy()
        area = seen[round(HEAD) : len(seen) - round(FOOT)]
        rows = np.flatnonzero((area < 250).any(axis=1))
        found.append((rows[-1] + 1) / len(area))
    return found


def made_for_reading(pdf: Path) -> tuple[bool, str, set[str]]:
    """Whether its parts are tagged, the language that it tells, and the fonts of its words."""
    document = pypdfium2.PdfDocument(pdf)
    size = raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
    told = (raw.FPDF_WCHAR * (size // 2))()
    raw.FPDFCatalog_GetLanguage(document.raw, told, size)
    words = [o for page in document for o in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    language = bytes(told).decode("utf-16-le").rstrip("\0")
    return (
        bool(raw.FPDFCatalog_IsTagged(document.raw)),
        language,
        {o.get_font().get_base_name() for o in words},
    )
