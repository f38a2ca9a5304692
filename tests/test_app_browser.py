"""The app in a real browser: addresses, downloads, light and dark, a narrow screen, accessibility, and silence."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import openpyxl
import pytest
from watched_process import environment, reached, wait_for

from workbench.pages.script import PAGES

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install 'rag-workbench[dev]' brings Playwright")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or any package of it")

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

PATHS = {title: "" if number == 0 else path for number, (_, title, path) in enumerate(PAGES)}

WHOLE = {"Plan": "plan?show=All,+to+print", "Compare": "compare?part=All,+to+print"}
"""Addresses that show more than a page's first tab."""

KNOWN = {"presentation-role-conflict": ("stFileUploaderDropzone", "streamlit/streamlit#15921")}
"""axe rule -> the part of Streamlit that breaks it, and its issue: mended by a tabindex of -1, what has no role can
still be focused."""

NOT_THERE = ("/_stcore/health", "/_stcore/host-config")
"""What a browser that begins on a page other than the first looks for below that page, and is refused: 404 on the
console, streamlit/streamlit#7074."""


TOO_WIDE_BY = (
    "document.scrollingElement.scrollWidth - innerWidth"
    " + (main => main.scrollWidth - main.clientWidth)(document.querySelector('[data-testid=stMain]'))"
)

PATIENCE = 180_000
"""Milliseconds after which nothing more is expected of a page, however busy the machine is."""


@dataclass
class Seen:
    """What a page did while it was visited."""

    console: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    violations: dict[str, list[str]] = field(default_factory=dict)
    """By colour scheme: rule and the elements that break it."""
    backgrounds: dict[str, str] = field(default_factory=dict)
    too_wide_by: int = 0
    """Pixels, on a screen of 390."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "workbench.cli", "app", "--port", str(port), "--no-browser"]
    folder = tmp_path_factory.mktemp("app")
    # In a folder without runs: the shipped experiments are offered, as on a first visit.
    with subprocess.Popen(command, cwd=folder, env=environment(folder), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[0]
            wait_for(server, f"{url}/_stcore/health")
            yield url
        finally:
            server.terminate()
            server.communicate()  # its last words go to a pipe that somebody reads, or Streamlit does not end
    assert reached(folder) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def visits(address: str, browser: Any) -> dict[str, Seen]:
    return {}


def opened(browser: Any, **options: Any) -> Any:
    page = browser.new_page(**options)
    page.set_default_timeout(PATIENCE)
    return page


def settled(page: Any) -> None:
    """Wait until the script has run and what it sent is drawn."""
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning'] h1")
    page.wait_for_function("!document.querySelector('[data-stale=true]')")


def visit(title: str, address: str, browser: Any, visits: dict[str, Seen]) -> Seen:
    """One page looked at in light, in dark and on a narrow screen; each only once."""
    if title in visits:
        return visits[title]
    seen = visits[title] = Seen()
    page = opened(browser, viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce")
    page.on("console", lambda message: seen.console.append(message.text) if wrong(message) else None)
    page.on("pageerror", lambda error: seen.console.append(str(error)))
    page.on("request", lambda request: seen.foreign.append(request.url) if elsewhere(request.url) else None)
    page.goto(f"{address}/{WHOLE.get(title, PATHS[title])}")
    settled(page)
    closed = page.locator("[data-testid=stExpander] details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settled(page)
        seen.backgrounds[scheme] = page.evaluate(
            "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        found = axe_api.Axe().run(page).response["violations"]
        seen.violations[scheme] = [
            f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for one in found
            for node in one["nodes"]
            if not (one["id"] in KNOWN and KNOWN[one["id"]][0] in node["html"])
        ]
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.querySelector('[data-testid=stMain]').clientWidth == 390")
    # Charts follow the width one after the other.
    with contextlib.suppress(sync_api.TimeoutError):
        page.wait_for_function(f"{TOO_WIDE_BY} <= 0", timeout=20_000)
    seen.too_wide_by = page.evaluate(TOO_WIDE_BY)
    page.close()
    return seen


def wrong(message: Any) -> bool:
    return message.type == "error" and not message.location["url"].endswith(NOT_THERE)


def elsewhere(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.hostname not in ("localhost", "127.0.0.1")


every_page = pytest.mark.parametrize("title", PATHS)


@every_page
def test_nothing_leaves_the_machine_and_nothing_goes_wrong(
    title: str, address: str, browser: Any, visits: dict[str, Seen]
) -> None:
    seen = visit(title, address, browser, visits)
    assert (seen.foreign, seen.console) == ([], [])


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(title: str, scheme: str, address: str, browser: Any, visits: dict[str, Seen]) -> None:
    assert visit(title, address, browser, visits).violations[scheme] == []


@every_page
def test_light_and_dark_follow_the_visitors_system(
    title: str, address: str, browser: Any, visits: dict[str, Seen]
) -> None:
    assert visit(title, address, browser, visits).backgrounds == {
        "light": "rgb(255, 255, 255)",
        "dark": "rgb(14, 17, 23)",
    }


@every_page
def test_a_phone_scrolls_in_one_direction(title: str, address: str, browser: Any, visits: dict[str, Seen]) -> None:
    assert visit(title, address, browser, visits).too_wide_by <= 0


def test_the_address_chooses_page_and_experiment_and_tells_them(address: str, browser: Any) -> None:
    page = opened(browser)
    page.goto(f"{address}/compare?experiment=showcase-redact")
    settled(page)
    chosen = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Experiment")
    assert chosen.input_value() == "showcase-redact"
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Leakage").click()
    page.wait_for_url("**/leakage?experiment=showcase-redact")
    settled(page)
    assert chosen.input_value() == "showcase-redact"
    page.close()


def query(page: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(page.url).query))


def test_a_bar_leads_to_its_questions_and_the_address_to_both(address: str, browser: Any) -> None:
    """Of a choice in the address all comes back in another browser; a bar adds its backend and cause."""
    page = opened(browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    asked = {"track": "native", "part": "Questions", "kind": "single fact"}
    page.goto(f"{address}/compare?{urlencode(asked)}")
    settled(page)
    assert query(page) == asked
    bar = page.locator(".st-key-chart-causes .trace.bars").nth(1).locator(".point path").nth(2)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**backend=llamaindex**")
    settled(page)
    del asked["kind"]  # the bar counts all kinds
    assert query(page) == {**asked, "backend": "llamaindex", "cause": "partly retrieved"}
    [told] = page.get_by_text(re.compile(r"^\d+ of \d+ wrong answers$")).all_inner_texts()
    other = opened(browser)
    other.goto(page.url)
    settled(other)
    assert other.get_by_text(told).is_visible()
    assert other.get_by_role("combobox", name="Cause").input_value() == "partly retrieved"
    page.close()
    other.close()


def test_a_page_that_is_not_there_leads_to_the_first(address: str, browser: Any) -> None:
    page = opened(browser)
    page.goto(f"{address}/nowhere")
    settled(page)
    assert page.locator("h1").inner_text()
    page.close()


@pytest.fixture(scope="module")
def report(address: str, browser: Any) -> Iterator[Any]:
    """The page Report, after a visit of Compare."""
    page = opened(browser)
    page.goto(f"{address}/compare?experiment=showcase-redact&part=All,+to+print")
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Report").click()
    page.wait_for_url("**/report?experiment=showcase-redact")
    page.get_by_role("button", name="Markdown").wait_for()
    settled(page)
    yield page
    page.close()


def downloaded(report: Any, form: str, folder: Path) -> Path:
    with report.expect_download() as waited:
        report.get_by_role("button", name=form).click()
    path = folder / waited.value.suggested_filename
    waited.value.save_as(path)
    return path


def test_the_web_page_opens_without_a_network_and_is_accessible(report: Any, browser: Any, tmp_path: Path) -> None:
    path = downloaded(report, "Web page", tmp_path)
    assert path.name == "report-showcase-redact.html"
    context = browser.new_context(offline=True, color_scheme="light", viewport={"width": 390, "height": 844})
    page, wrong, asked = context.new_page(), [], []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("h1").inner_text() == "RAG workbench: enterprise, 2026-11-23"
    assert page.locator("table").count() >= 2
    assert page.locator(".figure").count() == page.locator(".js-plotly-plot").count()
    assert page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
    seen = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        violations = axe_api.Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in violations] == []
    assert len(seen) == 2
    assert (wrong, asked) == ([], [path.as_uri()])
    context.close()


def test_excel_and_markdown_say_the_same(report: Any, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(downloaded(report, "Excel", tmp_path))
    titles = [row[2].value for row in book["contents"].iter_rows(min_row=4)]
    text = downloaded(report, "Markdown", tmp_path).read_text()
    assert titles and [f"### {each}" in text for each in titles] == [True] * len(titles)
    assert len(book.sheetnames) == len(titles) + 1
