"""A browser of the system; what needs it is skipped where there is none, and says so."""

import os
import shutil

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 180_000  # a busy machine takes its time


@pytest.fixture(scope="module", autouse=True)
def _kept(shelf):
    """The sample is read once for all tests."""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as started:
        yield started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(browser):
    """A page that must have no error in its console."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.set_default_timeout(PATIENCE)
    errors = []
    page.on("console", lambda m: errors.append(f"{m.text} {m.location}") if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    if shots := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{shots}/{page.title()}.png", full_page=True)
    page.close()
    # a lab whose server does not offer language servers is asked for them all the same
    assert [error for error in errors if "/lsp/status" not in error] == []
