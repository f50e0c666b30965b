"""How big the house is: `python -m tools.size`.

Code is every Python file of perflib/, blank lines and docstrings included. Words and layouts are what
perflib says (`text/`, `perflib/text`) and the page layouts (`reports/templates`). Rule sets are data and
told apart, as are nbwarm/ and tools/, which are not perflib.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AIMS = {"perflib": (22_000, 180), "words and layouts": (5_000, None)}
LAYOUTS = {".md", ".typ", ".html", ".jinja", ".css", ".js", ".lua", ".toml", ".xml"}


def lines(files: list[Path]) -> int:
    """Lines of all `files` together."""
    return sum(len(path.read_text("utf-8").splitlines()) for path in files)


def parts() -> dict[str, list[Path]]:
    """The files of each part of the house that is counted."""

    def below(folder: str, kinds: set[str]) -> list[Path]:
        found = (ROOT / folder).rglob("*")
        return sorted(p for p in found if p.suffix in kinds and "share" not in p.relative_to(ROOT).parts[1:2])

    words = [path for folder in ("perflib/text", "text") for path in below(folder, {".toml"})]
    return {
        "perflib": below("perflib", {".py"}),
        **{f"  perflib/{room}": below(f"perflib/{room}", {".py"}) for room in ("data", "measure", "infer", "show", "run")},
        "words and layouts": [*words, *below("reports/templates", LAYOUTS)],
        "rules (data)": below("perflib/rules", {".toml"}),
        "nbwarm": below("nbwarm", {".py"}),
        "tools": below("tools", {".py"}),
        "tests": below("tests", {".py"}),
    }  # fmt: skip


def public_names() -> int:
    """How many names `import perflib` gives."""
    import perflib

    return len(getattr(perflib, "__all__", ()))


def main() -> None:
    print(f"{'':20}{'lines':>8}{'files':>8}   at most")
    for name, files in parts().items():
        most = " in ".join(f"{n:,}" for n in AIMS.get(name, ()) if n)
        print(f"{name:20}{lines(files):>8,}{len(files):>8,}   {most}".rstrip())
    print(f"{'public names':20}{public_names():>8,}{'':>8}   60")


if __name__ == "__main__":
    main()
