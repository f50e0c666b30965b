"""The font and the colours of figures."""

import pytest

from perflib.data.fonts import fallbacks_for, family, missing_glyphs, printable
from perflib.show import theme


def test_rare_names_of_real_districts_are_in_the_font():
    assert missing_glyphs("鄠邑 浉河 猇亭 Área ≥ − — · 〔〕") == ""


def test_what_the_font_lacks_is_printed_in_another():
    assert missing_glyphs("Łódź ő ş ğ ț Αθήνα Київ الرياض ירושלים ไทย") == ""
    assert [family(f) for f in fallbacks_for("Łódź")] == ["Noto Sans"]
    assert fallbacks_for("鄠邑 Peña") == []


def test_what_no_font_has_is_a_box_and_what_nobody_sees_is_dropped():
    assert printable("한 道\u200e路\ufeff\u00ad") == "□ 道路"


def contrast(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)  # WCAG 2, against white


@pytest.mark.parametrize("colour", [*theme.PALETTE, theme.INK])
def test_colours_stand_out_on_white(colour):
    assert contrast(colour) >= 4.5
