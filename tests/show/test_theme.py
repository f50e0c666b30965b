"""The font and the colours of figures."""

import pytest

from perflib.show import theme


def test_rare_names_of_real_districts_are_in_the_font():
    assert theme.missing_glyphs("鄠邑 浉河 猇亭 Área ≥ − — · 〔〕") == ""


def contrast(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05)  # WCAG 2, against white


@pytest.mark.parametrize("colour", [*theme.PALETTE, theme.INK])
def test_colours_stand_out_on_white(colour):
    assert contrast(colour) >= 4.5
