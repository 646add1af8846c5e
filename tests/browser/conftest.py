"""A browser, a server, and pages of three origins: one that the server lists, and two that it does not."""

from __future__ import annotations

import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright

from gatewright.core.mail.inbox import inbox_address
from tests.live import LiveServer, free_port

_FETCH = """
async ([url, options]) => {
    try {
        const answer = await fetch(url, {credentials: "include", ...options});
        return {status: answer.status, type: answer.type, text: await answer.text()};
    } catch (error) {
        return {error: error.name};
    }
}
"""


@dataclass(frozen=True, slots=True)
class World:
    """Where everything is.

    Attributes:
        api: The server's origin.
        front_end: An origin that the server lists: the same site, another port.
        neighbour: One that it does not, on the same site: its calls carry the server's cookies.
        stranger: One of another site.
        inbox: The address of the inbox, with its key.
    """

    api: str
    front_end: str
    neighbour: str
    stranger: str
    inbox: str


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    """The server and the pages, running."""
    folder = tmp_path_factory.mktemp("browser")
    database = shutil.copy(sqlite_template, folder / "live.db")
    with _empty_pages() as front_end, _empty_pages() as other:
        listed = f"http://localhost:{front_end}"
        server = LiveServer(f"sqlite:///{database}", folder, workers=1, CORS_ORIGINS=listed)
        server.start()
        try:
            api = f"http://localhost:{server.port}"
            pages = (listed, f"http://localhost:{other}", f"http://127.0.0.1:{other}")
            yield World(api, *pages, inbox_address(folder, api))
        finally:
            server.stop()


@pytest.fixture
async def profile(chromium_path: Path) -> AsyncIterator[BrowserContext]:
    """A browser that nobody has used yet."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path)
        yield await browser.new_context()
        await browser.close()


async def page_of(profile: BrowserContext, origin: str) -> Page:
    """An open page of *origin*."""
    page = await profile.new_page()
    await page.goto(origin)
    return page


async def fetch(page: Page, url: str, method: str = "GET", **options: Any) -> dict[str, Any]:
    """What the page's script gets when it fetches *url* with whatever cookies the browser has."""
    answer: dict[str, Any] = await page.evaluate(_FETCH, [url, {"method": method, **options}])
    return answer


@contextmanager
def _empty_pages() -> Iterator[int]:
    """A web server with an empty page at every address; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), _EmptyPage)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name that it is called by)
        """Say nothing."""
