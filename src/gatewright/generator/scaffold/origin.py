"""The origin of the copy of Gatewright that makes an app, so that the app installs the same one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

from gatewright import __version__

# What the package is built from, as pyproject.toml says.
_BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "src")
_A_RELEASE = "The release of Gatewright that made this app."
_A_COPY = "The copy of Gatewright that made this app."
_ON_THIS_MACHINE = (
    f"{_A_COPY} Only this machine has it: where others\n# work on the app, name a release or a repository here."
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a copy came from.

    Attributes:
        url: What pip installs it from (PEP 508); empty for a release of a package index.
        path: The folder or the file on this machine that *url* names; None when it is elsewhere.
        needs_git: Whether pip runs git to get it.
    """

    url: str = ""
    path: Path | None = None
    needs_git: bool = False

    def requirement(self, extras: str) -> str:
        """The line of a requirements file."""
        return f"gatewright[{extras}]{f' @ {self.url}' if self.url else f'~={__version__}'}"

    @property
    def note(self) -> str:
        """The comment above the line of the requirements file."""
        if not self.url:
            return f"# {_A_RELEASE}"
        return f"# {_A_COPY if self.path is None else _ON_THIS_MACHINE}"

    @property
    def sentence(self) -> str:
        """The message of `gatewright init`."""
        return f"Its requirements.txt installs Gatewright from {self.url or f'a package index: {__version__}'}"

    @property
    def image_steps(self) -> str:
        """The Dockerfile's steps before pip runs; empty where it needs none."""
        lines = []
        if self.needs_git:
            lines.append("RUN apt-get update && apt-get install --yes --no-install-recommends git")
        if self.path is not None:
            lines += [
                "# Gatewright, from the machine that builds the image. compose.yaml names the folder; without compose:",
                f"# docker build --build-context gatewright={self._context} .",
                *self._copies(self.path),
            ]
        if lines:
            lines.append("")
        return "".join(f"{line}\n" for line in lines)

    @property
    def build(self) -> str:
        """The service's key `build` in the compose file."""
        if self.path is None:
            return "build: ."
        context = json.dumps(str(self._context).replace("$", "$$"))
        return f"build:\n      context: .\n      additional_contexts: {{ gatewright: {context} }}"

    @property
    def _context(self) -> Path:
        assert self.path is not None
        return self.path if self.path.is_dir() else self.path.parent

    def _copies(self, path: Path) -> list[str]:
        # To the same place, so that the image's requirements.txt is this machine's.
        if not path.is_dir():
            return [_copy([path.name], path)]
        if self.needs_git:
            return [_copy(["."], path)]
        files = [name for name in _BUILT_FROM if name != "src"]
        return [_copy(files, f"{path}/"), _copy(["src"], path / "src")]


def own_origin() -> Origin:
    """Where the running copy came from, as its installer recorded it (PEP 610)."""
    try:
        installed = distribution("gatewright")
    except PackageNotFoundError:
        return Origin()
    return _read(installed)


def _read(installed: Distribution) -> Origin:
    try:
        recorded: Any = json.loads(installed.read_text("direct_url.json") or "{}")
        return _origin_of(recorded)
    except (AttributeError, KeyError, TypeError, ValueError):
        # What some other installer wrote. The version is known in any case.
        return Origin()


def _origin_of(recorded: Any) -> Origin:
    if "url" not in recorded:
        return Origin()
    parts = urlsplit(recorded["url"])
    path = Path(url2pathname(parts.path)) if parts.scheme == "file" else None
    # Installers leave passwords out of the record; if one has one, it must not reach a file of the app.
    url = urlunsplit(parts._replace(netloc=parts.netloc if parts.password is None else parts.netloc.rpartition("@")[2]))
    vcs = recorded.get("vcs_info")
    if vcs is not None:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    subfolder = recorded.get("subdirectory")
    return Origin(f"{url}#subdirectory={subfolder}" if subfolder else url, path, needs_git=vcs is not None)


def _copy(names: list[str], target: Path | str) -> str:
    return f"COPY --from=gatewright {json.dumps([*names, str(target)])}"
