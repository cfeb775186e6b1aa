"""/docs in a headless browser: list, create from a file, read an error, and nothing else goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from conftest import TOKEN
from tools.toolchains import chromium

LIST = "#operations-DocumentService-listDocuments"
CREATE = "#operations-DocumentService-createDocument"
GET = "#operations-DocumentService-getDocument"
PROJECTS = "#operations-ProjectService-listProjects"
SHOWN = 20_000  # milliseconds


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run the machine's Chromium, or Debian's."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is to be had here")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


def run(page: Page, operation: str) -> str:
    """Press Execute, and return the status and the body that are shown."""
    page.click(f"{operation} .execute")
    page.wait_for_selector(f"{operation} .live-responses-table .response")
    return page.inner_text(f"{operation} .live-responses-table .response")


def samples(page: Page, operation: str, title: str) -> str:
    page.click(f"{operation} .request-snippets :is(.btn, h4):has-text('{title}')")
    return page.inner_text(f"{operation} .request-snippets .curl, {operation} .request-snippets pre")


@pytest.mark.parametrize("width", [360, 1280])
def test_both_faces_are_called(browser: Browser, url: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(SHOWN)
    told: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{url}/docs")
    page.fill("#token", TOKEN)
    page.press("#token", "Enter")

    page.click(f"{LIST} .opblock-summary-control")
    shown = run(page, LIST)
    assert shown.startswith("200")
    assert "Notes on the Analytical Engine" in shown
    assert "curl -X 'GET'" in samples(page, LIST, "curl")
    assert "client.documents.list()" in samples(page, LIST, "factify")

    page.click(f"{CREATE} .opblock-summary-control")
    page.set_input_files(
        f"{CREATE} input[type=file]",
        {"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Notes\n"},
    )
    shown = run(page, CREATE)
    assert shown.startswith("200")
    assert '"source_format": "markdown"' in shown

    assert told == []
    page.click(f"{GET} .opblock-summary-control")
    page.fill(f"{GET} .parameters input", "doc_01jw000000e0080000000000zz")
    shown = run(page, GET)
    assert shown.startswith("404")
    assert '"reason": "resource_not_found"' in shown
    told.clear()  # the browser tells of the 404

    page.click("header a[data-face=connect]")
    page.click(f"{PROJECTS} .opblock-summary-control")
    shown = run(page, PROJECTS)
    assert shown.startswith("200")
    assert "Analytical Engine" in shown
    assert "client.projects.list()" in samples(page, PROJECTS, "gitpod-sdk")
    assert "gitpod.v1.ProjectService/ListProjects" in samples(page, PROJECTS, "grpcurl")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert told == []
    assert [each for each in asked if not each.startswith((url, "data:", "blob:"))] == []
    page.close()
