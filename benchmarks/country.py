"""Write the simulated country as packed data: 2,843 made-up counties, ten years, as many projects as wanted.

    python benchmarks/country.py FOLDER [projects] [seed]

Ten million projects take about 250 MB and three minutes, a hundred million ten times that; memory stays the same.
Every file says that the data is simulated, and so does every report made from it.
"""

import resource
import sys
import time
from pathlib import Path

from perflib.data.country import Country, pack_country
from perflib.run.pack import new_folder


def main() -> None:
    output = Path(sys.argv[1])
    projects, seed = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((2, 10_000_000), (3, 1)))
    start = time.monotonic()

    def tell(year: int, rows: int) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{year}: {rows:,} projects, {time.monotonic() - start:.0f} s, peak {peak:,.0f} MB", flush=True)

    with new_folder(output) as folder:
        content = pack_country(Country(projects, seed=seed), folder, tell=tell)
    size = sum(f["bytes"] for f in content["files"]) / 1e6
    print(f"{output}: {content['rows']['projects']['packed']:,} projects, {size:,.0f} MB. {content['note']}")


if __name__ == "__main__":
    main()
