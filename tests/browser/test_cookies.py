"""Cookies in a real browser: what a listed page can do with them, and what no other page can."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from tests.browser.conftest import World, fetch, page_of
from tests.live import PASSWORD

NAMES = {"gatewright_access", "gatewright_refresh", "gatewright_device"}
JSON = {"Content-Type": "application/json"}

_SUBMIT = """
([url, method, fields]) => {
    const form = document.createElement("form");
    form.action = url;
    form.method = method;
    form.enctype = "text/plain";
    for (const [name, value] of fields) {
        const input = document.createElement("input");
        input.name = name;
        input.value = value;
        form.append(input);
    }
    document.body.append(form);
    form.submit();
}
"""
_IMAGE = """
(url) => new Promise((done) => {
    const image = new Image();
    image.onload = image.onerror = (event) => done(event.type);
    image.src = url;
})
"""


async def signed_in(profile: BrowserContext, world: World) -> Page:
    """The front end's page, after its user has registered."""
    page = await page_of(profile, world.front_end)
    body = {
        "email": f"{secrets.token_hex(6)}@example.com",
        "password": PASSWORD,
        "firstName": "Ada",
        "lastName": "Lovelace",
    }
    answer = await fetch(
        page, f"{world.api}/auth/register?useCookies=true", "POST", headers=JSON, body=json.dumps(body)
    )
    assert answer["status"] == 201, answer
    return page


async def values(profile: BrowserContext) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in await profile.cookies()}


async def submit(page: Page, url: str, *fields: tuple[str, str], method: str = "post") -> dict[str, Any]:
    """Send a form as any page may, and read what the browser then shows."""
    async with page.expect_navigation():
        await page.evaluate(_SUBMIT, [url, method, fields])
    problem: dict[str, Any] = json.loads(await page.evaluate("document.body.innerText"))
    return problem


async def test_a_listed_front_end_signs_in_reads_refreshes_and_signs_out(profile: BrowserContext, world: World) -> None:
    """All by `fetch` with cookies, from another port, and no script ever sees a token."""
    page = await signed_in(profile, world)
    first = {cookie["name"]: cookie for cookie in await profile.cookies()}
    assert set(first) == NAMES
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in first.values())
    assert await page.evaluate("document.cookie") == ""
    assert (await fetch(page, f"{world.api}/users/profile"))["status"] == 200

    refreshed = await fetch(page, f"{world.api}/auth/refresh", "POST")
    assert (refreshed["status"], json.loads(refreshed["text"])) == (200, {"expiresIn": 900})
    assert (await values(profile))["gatewright_refresh"] != first["gatewright_refresh"]["value"]
    change = await fetch(
        page, f"{world.api}/users/profile", "PATCH", headers=JSON, body=json.dumps({"firstName": "Augusta"})
    )
    assert change["status"] == 200

    own = await page_of(profile, f"{world.api}/docs")
    assert await own.evaluate("document.cookie") == ""
    assert (await fetch(own, "/auth/refresh", "POST"))["status"] == 200

    assert (await fetch(page, f"{world.api}/auth/logout", "POST"))["status"] == 200
    assert set(await values(profile)) == {"gatewright_device"}
    assert (await fetch(page, f"{world.api}/users/profile"))["status"] == 401


async def test_a_neighbours_forms_are_refused(profile: BrowserContext, world: World) -> None:
    """A page of the same site has the browser send the cookies, `SameSite` or not: here only the check stops it."""
    page = await signed_in(profile, world)
    before = await values(profile)
    for path in ("/auth/logout-all", "/auth/logout", "/auth/refresh", "/auth/login?useCookies=true"):
        hostile = await page_of(profile, world.neighbour)
        assert (await submit(hostile, f"{world.api}{path}"))["code"] == "cross_site_request"
    assert await values(profile) == before
    assert (await fetch(page, f"{world.api}/users/profile"))["status"] == 200
    assert (await fetch(page, f"{world.api}/auth/refresh", "POST"))["status"] == 200


async def test_a_strangers_forms_carry_no_cookies(profile: BrowserContext, world: World) -> None:
    """`SameSite=Lax` keeps them back, and what comes without them changes nothing."""
    page = await signed_in(profile, world)
    before = await values(profile)
    expected = {
        "/auth/logout-all": "not_authenticated",
        "/auth/refresh": "validation_failed",
        "/auth/login?useCookies=true": "cross_site_request",
    }
    for path, code in expected.items():
        hostile = await page_of(profile, world.stranger)
        answer = await submit(hostile, f"{world.api}{path}")
        assert answer["code"] == code, path
    assert await values(profile) == before
    assert (await fetch(page, f"{world.api}/users/profile"))["status"] == 200


@pytest.mark.parametrize("which", ["neighbour", "stranger"])
async def test_other_pages_scripts_read_and_change_nothing(profile: BrowserContext, world: World, which: str) -> None:
    """Not by `fetch` with CORS, not without, not by an image."""
    page = await signed_in(profile, world)
    before = await values(profile)
    hostile = await page_of(profile, getattr(world, which))
    assert await hostile.evaluate("document.cookie") == ""
    for path, method in (("/users/profile", "GET"), ("/auth/sessions", "GET"), ("/auth/refresh", "POST")):
        assert await fetch(hostile, f"{world.api}{path}", method) == {"error": "TypeError"}
        blind = await fetch(hostile, f"{world.api}{path}", method, mode="no-cors")
        assert blind == {"status": 0, "type": "opaque", "text": ""}
    for path in ("/auth/logout", "/auth/logout-all"):
        await fetch(hostile, f"{world.api}{path}", "POST", mode="no-cors")
        await fetch(hostile, f"{world.api}{path}", "POST", headers=JSON, body="{}")
    assert await hostile.evaluate(_IMAGE, f"{world.api}/users/profile") == "error"
    assert await hostile.evaluate(_IMAGE, f"{world.api}/auth/logout-all") == "error"
    assert await values(profile) == before
    assert (await fetch(page, f"{world.api}/users/profile"))["status"] == 200
    assert (await fetch(page, f"{world.api}/auth/refresh", "POST"))["status"] == 200


@pytest.mark.parametrize("which", ["neighbour", "stranger"])
async def test_nobody_is_signed_in_by_another_page(profile: BrowserContext, world: World, which: str) -> None:
    """Login CSRF: a page that knows an account of its own cannot put its visitors into it."""
    page = await page_of(profile, world.front_end)
    credentials = {"email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD}
    registration = json.dumps({**credentials, "firstName": "Mal", "lastName": "Lory"})
    made = await fetch(page, f"{world.api}/auth/register", "POST", headers=JSON, body=registration)
    assert made["status"] == 201
    body, url = json.dumps(credentials), f"{world.api}/auth/login?useCookies=true"

    hostile = await page_of(profile, getattr(world, which))
    await fetch(hostile, url, "POST", headers=JSON, body=body)
    await fetch(hostile, url, "POST", mode="no-cors", body=body)
    # The classic trick: a form's name and value that together are JSON.
    await submit(hostile, url, (body[:-1] + ', "x": "', '"}'))
    assert await profile.cookies() == []
