"""Write the simulated country as packed data: 2,843 made-up counties, up to ten years, as many projects as wanted.

    python benchmarks/country.py FOLDER [projects] [seed] [years]

60000 projects, seed 1 and 2 years make a small country for `perflib compare --data FOLDER`.

Ten million projects take about 250 MB and three minutes, a hundred million ten times that; memory stays the same.
Every file says that the data is simulated, and so does every report made from it.
"""

import resource
import sys
import time
from pathlib import Path

from perflib.run.pack import new_folder
from tools.country import YEARS, Country, pack_country

DEFAULTS = (10_000_000, 1, len(YEARS))  # projects, seed, years


def read_arguments(words: list[str]) -> tuple[Path, int, int, tuple[int, ...]]:
    """Folder, projects, seed and years; without them, or with something else, it ends and says how it is used."""
    numbers = words[1:]
    if not 1 <= len(words) <= 4 or words[0].startswith("-") or not all(w.isdecimal() for w in numbers):
        raise SystemExit(__doc__.strip())
    projects, seed, years = (int(w) for w in [*numbers, *DEFAULTS[len(numbers) :]])
    if not 1 <= years <= len(YEARS):
        raise SystemExit(__doc__.strip())
    return Path(words[0]), projects, seed, YEARS[-years:]


def main() -> None:
    output, projects, seed, years = read_arguments(sys.argv[1:])
    start = time.monotonic()

    def tell(year: int, rows: int) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{year}: {rows:,} projects, {time.monotonic() - start:.0f} s, peak {peak:,.0f} MB", flush=True)

    with new_folder(output) as folder:
        content = pack_country(Country(projects, seed=seed, years=years), folder, tell=tell)
    size = sum(f["bytes"] for f in content["files"]) / 1e6
    print(f"{output}: {content['rows']['projects']['packed']:,} projects, {size:,.0f} MB. {content['note']}")


if __name__ == "__main__":
    main()
