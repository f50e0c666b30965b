"""The web pages of the sample's report and of a study have no fault that axe finds, on a desk and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.exploring.conftest import PATIENCE, browser  # noqa: F401
from tests.whole.test_report import CHINESE, ENGLISH

TOLD = {"resultTypes": ["violations"]}  # what passes need not be described: half the time
CONTRAST = "color-contrast"
MARK_LOOKS = """() => {
  const seen = new Set();
  for (const one of document.body.querySelectorAll("*")) {
    if (![...one.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())) continue;
    let look = "";
    for (let at = one; at; at = at.parentElement) {
      const s = getComputedStyle(at);
      const told = [s.color, s.backgroundColor, s.backgroundImage, s.opacity, s.fontSize, s.fontWeight, s.position];
      look += [at.tagName, at.className, ...told].join() + "/";
    }
    if (!seen.has(look)) one.dataset.look = "";
    seen.add(look);
  }
  return seen.size;
}"""
"""Marks one of all words that look alike, they and all around them: thousands have some dozens of looks."""
LOOKS = [(1400, "light"), (400, "dark"), (1400, "dark"), (400, "light")]


def faults(page) -> list[dict]:
    """What axe finds. Contrast takes it most of the time, so of words that look alike it is asked of one."""
    assert page.evaluate(MARK_LOOKS) > 5
    contrast = {"runOnly": {"type": "rule", "values": [CONTRAST]}}
    marked = Axe().run(page, context={"include": ["[data-look]"]}, options=TOLD | contrast)
    others = Axe().run(page, options=TOLD | {"rules": {CONTRAST: {"enabled": False}}})
    return marked.response["violations"] + others.response["violations"]


def test_faint_words_are_found(browser):  # noqa: F811
    page = browser.new_page()
    told = (
        "<p>plain</p>" * 9
        + "<p>plain <b style='color: #bbb'>faint</b></p>"
        + "<i>a</i><u>b</u><em>c</em>" * 2
    )
    page.set_content(f"<html lang=en><title>a</title><main><h1>h</h1>{told}")
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in faults(page)] == [
        (CONTRAST, '<b style="color: #bbb" data-look="">faint</b>')
    ]
    page.close()


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
            found = [(fault["id"], fault["nodes"][0]["html"]) for fault in faults(page)]
            assert found == [], (name, width, scheme)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()
