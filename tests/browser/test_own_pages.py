"""The page of the cookie how-to, in a real browser: an app that serves its own front end under a strict policy."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.docs.blocks import blocks_of
from tests.live import SECRET
from tests.serving import served

ADA = {"email": "ada@example.com", "password": "a longer passphrase", "firstName": "Ada", "lastName": "Lovelace"}
FILES = {"static/index.html", "static/shop.css", "static/shop.js", "shop.py"}

_VIOLATIONS = """
() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The how-to's app as its reader would have it, with one account; its origin."""
    blocks = {block.file: block.text for block in blocks_of("docs/how-to/browser-cookies.md") if block.file in FILES}
    assert blocks.keys() == FILES
    for name, text in blocks.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("GATEWRIGHT_ENVIRONMENT", "development")
    monkeypatch.setenv("GATEWRIGHT_SECRET", SECRET)
    app: Any = runpy.run_path(str(tmp_path / "shop.py"))["app"]
    with served(app) as client:
        assert client.post("/auth/register", json=ADA).status_code == 201
        yield str(client.base_url).replace("127.0.0.1", "localhost").rstrip("/")


async def opened(profile: BrowserContext, address: str) -> Page:
    """A page that keeps what its policy has blocked."""
    page = await profile.new_page()
    await page.add_init_script(f"({_VIOLATIONS})()")
    await page.goto(address)
    return page


async def test_the_page_of_the_how_to_signs_in_and_out(profile: BrowserContext, shop: str) -> None:
    """Its style and script are loaded, its calls are made, no script sees a token, and nothing is blocked."""
    page = await opened(profile, shop)
    await expect(page.get_by_role("status")).to_have_text("Please sign in.")
    assert await page.evaluate("getComputedStyle(document.body).fontFamily") == "sans-serif"
    await page.get_by_label("E-mail").fill(ADA["email"])
    await page.get_by_label("Password").fill("a wrong passphrase")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text("Invalid credentials")
    await page.get_by_label("Password").fill(ADA["password"])
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_have_text("Hello, Ada.")
    assert await page.evaluate("document.cookie") == ""

    await page.reload()
    await expect(page.get_by_role("status")).to_have_text("Hello, Ada.")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("status")).to_have_text("Please sign in.")
    assert await page.evaluate("window.violations") == []


async def test_injected_markup_runs_nothing(profile: BrowserContext, shop: str) -> None:
    """Inline scripts and handlers are blocked, and so is what comes from elsewhere."""
    page = await opened(profile, shop)
    await expect(page.get_by_role("status")).to_have_text("Please sign in.")
    markup = '<img src=https://evil.example/x onerror="document.title = \'ran\'"><a href="javascript:1">x</a>'
    await page.evaluate(
        """(markup) => {
            document.body.insertAdjacentHTML("beforeend", markup);
            const script = document.createElement("script");
            script.textContent = "document.title = 'ran'";
            document.body.append(script);
        }""",
        markup,
    )
    await page.wait_for_function("window.violations.length >= 3")
    assert set(await page.evaluate("window.violations")) >= {"script-src-elem", "script-src-attr", "img-src"}
    assert await page.title() == "Shop"


async def test_a_policy_of_the_routes_own_wins(profile: BrowserContext, shop: str) -> None:
    """The style with the nonce counts; the page's answer has that one policy."""
    page = await opened(profile, f"{shop}/welcome")
    assert await page.locator("h1").evaluate("node => getComputedStyle(node).color") == "rgb(0, 128, 0)"
    assert await page.evaluate("window.violations") == []


def test_what_is_no_page_stays_strict(shop: str) -> None:
    """JSON, refusals, a script opened as a page, and Gatewright's own pages keep their policies."""
    with httpx2.Client(base_url=shop) as client:
        for path in ("/users/profile", "/health/live", "/nowhere", "/shop.js"):
            assert client.get(path).headers["content-security-policy"].startswith("default-src 'none';"), path
        own = client.get("/auth/pages/verify-email?token=x", follow_redirects=True).headers["content-security-policy"]
        assert re.search(r"style-src 'sha256-", own)
        page = client.get("/").headers
        assert page["content-security-policy"] == (
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        )
        assert page["x-content-type-options"] == "nosniff"
