"""Write docs/gallery.md from the stored outputs of the English notebooks: `python -m tools.gallery`."""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
FILE, FOLDER = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
WIDTH, COLOURS = 612, 64
HEAD = """# Gallery

Every figure of the notebooks with the lines that draw it, on the sample. Made by `python -m tools.gallery` from what
the English notebooks store. `page.figure` puts title and source around a figure; the `pf.plot` call alone draws it.
"""


@dataclass(frozen=True)
class Figure:
    """One figure: the notebook and cell that show it, what it says, the lines that draw it, its picture."""

    notebook: str
    cell: str
    alt: str
    lines: str
    png: bytes

    @property
    def name(self) -> str:
        return f"{self.cell}.png"

    def markdown(self) -> str:
        alt = self.alt.replace("[", "(").replace("]", ")")
        return f"\n![{alt}](gallery/{self.name})\n\n```python\n{self.lines}\n```\n"


def figures(notebook: Path) -> Iterator[Figure]:
    """The figures that `notebook` stores, with their cell's lines, and those of the cell before where it draws them."""
    before = ""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = "".join(cell["source"])
        told = [o["data"] for o in cell["outputs"] if "image/png" in o.get("data", {})]
        for data in told:
            alt = "".join(data["text/plain"])
            if alt.startswith("<figure: "):
                lines = source if "pf.plot." in source else f"{before}\n{source}".strip()
                png = base64.b64decode(data["image/png"])
                yield Figure(notebook.stem, cell["id"], alt[9:-1], lines, png)
        before = source


def gallery() -> tuple[str, list[Figure]]:
    """(the page, its figures): a section a notebook."""
    parts, found = [HEAD], []
    for notebook in sorted((ROOT / "notebooks" / "en").glob("*.ipynb")):
        shown = [figure for figure in figures(notebook) if "pf.plot." in figure.lines]
        if shown:
            parts.append(f"\n## [{notebook.stem}](../notebooks/en/{notebook.name})\n")
            parts += [figure.markdown() for figure in shown]
            found += shown
    return "".join(parts), found


def small(png: bytes) -> bytes:
    """`png` as wide as a page shows it, in few colours: the few dots in orange or blue keep theirs."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    size = WIDTH, round(picture.height * WIDTH / picture.width)
    held = io.BytesIO()
    flat = picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
    flat.save(held, "PNG", optimize=True)
    return held.getvalue()


def main() -> None:
    text, found = gallery()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for figure in found:
        (FOLDER / figure.name).write_bytes(small(figure.png))
    FILE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
