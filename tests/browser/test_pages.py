"""The pages behind mailed links, and the inbox, in a real browser: by keyboard and by mouse, wide, narrow and dark."""

from __future__ import annotations

import itertools
import json
import secrets
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.conftest import World, fetch, page_of
from tests.live import PASSWORD

NEW = "a new attacked passphrase"
_BRIGHTNESS = "color => color.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
async def email(profile: BrowserContext, world: World) -> str:
    """The address of somebody who has registered and asked for a new password."""
    address = f"{secrets.token_hex(6)}@example.com"
    page = await page_of(profile, world.front_end)
    body = {"email": address, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}
    headers = {"Content-Type": "application/json"}
    for path, sent in (("register", body), ("password/forgot", {"email": address})):
        answer = await fetch(page, f"{world.api}/auth/{path}", "POST", headers=headers, body=json.dumps(sent))
        assert answer["status"] in (201, 202), answer
    await page.close()
    return address


async def opened_mail(profile: BrowserContext, world: World, email: str, subject: str) -> Page:
    """The page that the first link of a mail leads to, opened from the inbox as a developer would."""
    page = await page_of(profile, world.inbox)
    row = page.get_by_role("row").filter(has_text=email).filter(has_text=subject)
    for _ in range(50):
        if await row.count():
            break
        await page.wait_for_timeout(100)
        await page.reload()
    await row.get_by_role("link").click()
    async with profile.expect_page() as coming:
        await page.frame_locator("iframe").get_by_role("link").first.click()
    opened = await coming.value
    await opened.wait_for_load_state()
    return opened


async def violations(page: Page) -> str:
    """What axe-core finds, as text; nothing when all is well."""
    results = await Axe().run(page)
    return "" if results.violations_count == 0 else str(results.generate_report())


async def test_a_password_is_reset_by_keyboard(profile: BrowserContext, world: World, email: str) -> None:
    """From the mail to the new password without touching the mouse; what is wrong is said beside the field."""
    page = await opened_mail(profile, world, email, "Set a new password")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("New password")).to_be_focused()
    await page.keyboard.type("password1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("common")
    assert await violations(page) == ""

    await page.get_by_label("New password").fill(NEW)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading")).to_have_text("Your password is set")


async def test_an_address_is_confirmed_by_mouse(profile: BrowserContext, world: World, email: str) -> None:
    """One click; opening the page does nothing, and the link leads to the same answer once more."""
    page = await opened_mail(profile, world, email, "Confirm your address")
    assert page.url == f"{world.api}/auth/pages/verify-email"
    token = await page.locator("input[name=token]").input_value()
    for _ in range(2):
        await page.get_by_role("button", name="Confirm the address").click()
        await expect(page.get_by_role("heading")).to_have_text("Your address is confirmed.")
        await page.goto(f"{world.api}/auth/pages/verify-email?token={token}")


async def test_a_link_works_without_javascript_and_leaves_no_token_behind(
    profile: BrowserContext, world: World, email: str
) -> None:
    """Neither in the address, nor in the history, nor in `Referer`; the script of a page could not read its cookie."""
    opened = await opened_mail(profile, world, email, "Set a new password")
    token = await opened.locator("input[name=token]").input_value()
    assert await opened.evaluate("document.cookie") == ""
    assert profile.browser is not None
    plain = await profile.browser.new_context(java_script_enabled=False)
    try:
        page = await plain.new_page()
        sent: list[tuple[str, str | None]] = []
        page.on("request", lambda request: sent.append((request.url, request.headers.get("referer"))))
        await page.goto(f"{world.api}/auth/pages/reset-password?token={token}")
        assert page.url == f"{world.api}/auth/pages/reset-password"
        await page.reload()
        await page.get_by_label("New password").fill(NEW)
        await page.get_by_role("button").click()
        await expect(page.get_by_role("heading")).to_have_text("Your password is set")
        await page.go_back()
        assert token not in page.url
    finally:
        await plain.close()
    assert [url for url, _ in sent if token in url] == [f"{world.api}/auth/pages/reset-password?token={token}"]
    assert {referer for _, referer in sent} == {None}


async def test_two_links_in_two_tabs_keep_apart(profile: BrowserContext, world: World) -> None:
    """Each tab shows its own link, also after a reload, and keeps it in a cookie beside the other's."""
    address = f"{world.api}/auth/pages/reset-password"
    tabs = {token * 43: await page_of(profile, f"{address}?token={token * 43}") for token in "abc"}
    for token, tab in tabs.items():
        await tab.reload()
        assert await tab.locator("input[name=token]").input_value() == token
        assert token not in tab.url


async def test_every_page_is_accessible(profile: BrowserContext, world: World) -> None:
    """axe-core finds nothing, and nothing is wider than the window."""
    for name in ("reset-password", "verify-email", "not-me", "change-email", "undo-email-change", "invitation"):
        page = await page_of(profile, f"{world.api}/auth/pages/{name}?token=t")
        await looks_right(page)
        await page.close()


async def test_the_inbox_is_accessible(profile: BrowserContext, world: World, email: str) -> None:
    """The list and a mail."""
    page = await page_of(profile, world.inbox)
    await looks_right(page)
    await page.get_by_role("link").first.click()
    await looks_right(page)


async def test_a_mail_is_readable_in_the_dark(profile: BrowserContext, world: World, email: str) -> None:
    """Its text stands out from what it lies on: the frame has the colours of the mail's own scheme."""
    page = await page_of(profile, world.inbox)
    await page.get_by_role("link").first.click()
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        frame = page.frame_locator("iframe")
        ink = await frame.locator("body").evaluate(f"body => ({_BRIGHTNESS})(getComputedStyle(body).color)")
        paper = await page.locator("iframe").evaluate(
            f"frame => ({_BRIGHTNESS})(getComputedStyle(frame).backgroundColor)"
        )
        assert abs(ink - paper) > 150, scheme


async def looks_right(page: Page) -> None:
    """Wide and narrow, light and dark."""
    for scheme, width in itertools.product(SCHEMES, (320, 1280)):
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": 640})
        assert await violations(page) == "", f"{page.url} at {width}, {scheme}"
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url


async def test_a_page_runs_no_script(profile: BrowserContext, world: World) -> None:
    """The policy holds in a browser: neither a script of the page's own nor one from elsewhere."""
    page = await page_of(profile, f"{world.api}/auth/pages/verify-email?token=t")
    blocked = await page.evaluate(
        """() => new Promise((done) => {
            addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "document.title = 'ran'";
            document.body.append(script);
            setTimeout(() => done(document.title), 2000);
        })"""
    )
    assert blocked == "script-src-elem"
