"""The web pages of the sample's report and of a study have no fault that axe finds, on a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.exploring.conftest import PATIENCE, browser  # noqa: F401
from tests.whole.test_report import CHINESE, ENGLISH

TOLD = {"resultTypes": ["violations"]}  # what passes need not be described: half the time
LOOKS = [(1400, "light"), (400, "dark"), (1400, "dark"), (400, "light")]


@pytest.mark.parametrize("options", [CHINESE, ENGLISH], ids=["zh", "en"])
@pytest.mark.parametrize("made", ["make_report", "make_study"])
def test_no_page_shuts_anybody_out(made, options, browser, request):  # noqa: F811
    folder = request.getfixturevalue(made)(*options)
    # an annex has thousands of words that show their trail, and takes its time: two looks of the four
    for name, looks in (("report", LOOKS), ("annex", LOOKS[:2])):
        for width, scheme in looks:
            page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme=scheme)
            page.set_default_timeout(PATIENCE)
            page.goto((folder / f"{name}.html").as_uri())
            found = Axe().run(page, options=TOLD).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == [], (name, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()
