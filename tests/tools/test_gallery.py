"""The gallery shows every figure of the notebooks with the lines that draw it."""

import base64
import io
import json

from PIL import Image

from tests.conftest import ROOT
from tools.gallery import FILE, FOLDER, WIDTH, figures, gallery, small


def test_every_figure_is_there_with_its_lines_and_no_other():
    page, (_, found) = FILE.read_text("utf-8"), gallery()
    assert len(found) > 20
    lacking = [
        f.name
        for f in found
        if f"](gallery/{f.name})" not in page or f"```python\n{f.lines}\n```" not in page
    ]
    assert not lacking, "run `python -m tools.gallery`"
    assert {path.name for path in FOLDER.glob("*.png")} == {figure.name for figure in found}


def test_a_figure_has_the_lines_of_the_cell_before_where_these_draw_it(tmp_path):
    held = io.BytesIO()
    Image.new("RGB", (1800, 900), "white").save(held, "PNG")
    data = {"image/png": base64.b64encode(held.getvalue()).decode(), "text/plain": ["<figure: Dots: a [b].>"]}
    cells = [("ax = pf.plot.dots(frame)", []), ('page.figure("dots", ax)', [{"data": data}]), ("1", [])]
    content = [
        {"cell_type": "code", "id": f"c{i}", "source": s, "outputs": o} for i, (s, o) in enumerate(cells)
    ]
    path = tmp_path / "40_x.ipynb"
    path.write_text(json.dumps({"cells": content}))
    (figure,) = figures(path)
    assert figure.lines == 'ax = pf.plot.dots(frame)\npage.figure("dots", ax)'
    assert "![Dots: a (b).](gallery/c1.png)" in figure.markdown()
    assert Image.open(io.BytesIO(small(figure.png))).size == (WIDTH, WIDTH // 2)


def test_every_link_leads_to_a_notebook():
    for line in FILE.read_text("utf-8").splitlines():
        if line.startswith("## ["):
            assert (ROOT / "docs" / line.partition("](")[2].rstrip(")")).is_file()


def test_a_few_dots_keep_their_orange():
    picture, orange = Image.new("RGB", (1836, 900), "white"), (184, 82, 9)
    for i in range(200):  # greys enough to fill a palette
        picture.paste((i, i, i), (i * 9, 0, i * 9 + 9, 700))
    picture.paste(orange, (900, 800, 930, 830))
    held = io.BytesIO()
    picture.save(held, "PNG")
    drawn = Image.open(io.BytesIO(small(held.getvalue()))).convert("RGB")
    told = drawn.getpixel((305, 271))
    assert max(abs(a - b) for a, b in zip(told, orange, strict=True)) < 12
