"""Where the copy of Gatewright came from that makes an app, as installers record it (PEP 610)."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import gatewright
from gatewright.generator.scaffold import origin

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Installed:
    """A distribution as its installer left it."""

    def __init__(self, recorded: str | None) -> None:
        self._recorded = recorded

    def read_text(self, name: str) -> str | None:
        return self._recorded if name == "direct_url.json" else None


def origin_of(recorded: object, monkeypatch: pytest.MonkeyPatch) -> origin.Origin:
    text = recorded if isinstance(recorded, str | None) else json.dumps(recorded)
    monkeypatch.setattr(origin, "distribution", lambda _: Installed(text))
    return origin.own_origin()


@pytest.mark.parametrize(
    ("recorded", "url"),
    [
        ({"url": "file:///srv/my%20clone", "dir_info": {"editable": True}}, "file:///srv/my%20clone"),
        ({"url": "https://example.com/gatewright.whl", "archive_info": {}}, "https://example.com/gatewright.whl"),
        (
            {"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"git+https://example.com/x.git@{COMMIT}",
        ),
        (
            {"url": "ssh://git@example.com/x", "vcs_info": {"vcs": "git", "commit_id": COMMIT}, "subdirectory": "a"},
            f"git+ssh://git@example.com/x@{COMMIT}#subdirectory=a",
        ),
        ({"url": "https://me:secret@example.com/x.whl"}, "https://example.com/x.whl"),
    ],
    ids=["folder", "archive", "git", "git over ssh", "password"],
)
def test_a_recorded_place_is_named(recorded: dict[str, Any], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that pip finds the same copy; no password gets into a file of the app."""
    assert origin_of(recorded, monkeypatch).requirement("postgres") == f"gatewright[postgres] @ {url}"


@pytest.mark.parametrize("recorded", [None, "", "{", "[]", "5", '{"url": 5}', '{"url": "x", "vcs_info": 5}'])
def test_without_a_place_the_version_is_named(recorded: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package index records nothing, and another installer may record what nobody understands."""
    found = origin_of(recorded, monkeypatch)
    assert found.requirement("dev,testing") == f"gatewright[dev,testing]~={gatewright.__version__}"
    assert (found.image_steps, found.build) == ("", "build: .")


def test_what_is_not_installed_has_a_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that runs from its sources."""

    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(origin, "distribution", missing)
    assert origin.own_origin() == origin.Origin()


def test_an_image_gets_a_wheel_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the path that the requirements name."""
    wheel = tmp_path / "gatewright-1-py3-none-any.whl"
    wheel.touch()
    found = origin_of({"url": wheel.as_uri(), "archive_info": {}}, monkeypatch)
    assert f'COPY --from=gatewright ["{wheel.name}", "{wheel}"]\n' in found.image_steps
    assert f'additional_contexts: {{ gatewright: "{tmp_path}" }}' in found.build


def test_an_image_gets_git_for_a_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slim image has none, and pip needs it."""
    vcs = {"vcs": "git", "commit_id": COMMIT}
    found = origin_of({"url": "https://example.com/x.git", "vcs_info": vcs}, monkeypatch)
    assert "install --yes --no-install-recommends git\n" in found.image_steps
    assert "--from=" not in found.image_steps
