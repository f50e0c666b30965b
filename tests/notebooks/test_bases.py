"""Every notebook on a base that is not the usual one: amounts and rate of a sentence are those of one row, and divide.

The stored outputs hold the usual base, adjusted.
"""

import re

import pytest

from tests.notebooks.cells import write_notebook
from tests.notebooks.test_words import PAGES

FACT = re.compile(r'data-fact="([^"]+)\.([^".]+)"')
NAMES = [page.stem for page in PAGES if page.stem[:2] != "00"]
SAY_AMOUNTS = {"40_execution_rates", "80_district_comparison", "90_annual_summary"}


def amounts_and_rate(written) -> list[str]:
    """The rows of which a sentence prints what was executed and the rate."""
    found = []
    for sentence in re.split(r"[。\n]|\. ", written.page):
        seen = set(FACT.findall(sentence))
        found += sorted(row for row, column in seen if column == "rate" and (row, "executed") in seen)
    return found


def budget_of(written, row: str) -> float:
    """The budget that the page prints for `row`: as such, by the name of its base, or as spent and left."""
    base = written.facts[f"{row}.rate"]["base"]
    for column in ("budget", f"{base}_budget", base):
        if f"{row}.{column}" in written.facts:
            return written.value(f"{row}.{column}")
    return written.value(f"{row}.executed") + written.value(f"{row}.left")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "name, base",
    [*((name, "received") for name in NAMES), *((name, "initial") for name in sorted(SAY_AMOUNTS))],
)
def test_what_a_sentence_prints_divides_on_every_base(name, base, tmp_path):
    written = write_notebook(name, tmp_path, data="sample", base=base)
    rows = amounts_and_rate(written)
    assert rows or name not in SAY_AMOUNTS
    for row in rows:
        rate = written.value(f"{row}.executed") / budget_of(written, row)
        assert written.value(f"{row}.rate") == pytest.approx(rate, abs=1e-9), row
    assert name not in SAY_AMOUNTS or base in {written.facts[f"{row}.rate"]["base"] for row in rows}
