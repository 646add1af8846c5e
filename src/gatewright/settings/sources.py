"""Where settings come from: keywords over variables over `.env` over `gatewright.toml`."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from pydantic.fields import FieldInfo

from gatewright.settings import names
from gatewright.settings.declare import SettingsPart
from gatewright.settings.names import Path

TOML_FILE = "gatewright.toml"
ENV_FILE = ".env"

# Kubernetes gives these to every pod beside a service that is called "gatewright".
_KUBERNETES = re.compile(r"GATEWRIGHT_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)")


@dataclass(frozen=True, slots=True)
class Given:
    """One value as it was given, and how the user spelled the setting there."""

    value: object = field(repr=False)
    spelling: str


@dataclass(slots=True)
class Reading:
    """All given values, with the stronger source over the weaker, and their problems.

    Attributes:
        known: Every setting that there is.
        off: The feature behind each section that is not among them because the feature is switched off.
    """

    known: Mapping[Path, FieldInfo]
    off: Mapping[str, str] = field(default_factory=dict)
    given: dict[Path, Given] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def nested(self) -> dict[str, Any]:
        """The values as nested dictionaries."""
        whole: dict[str, Any] = {}
        for path in sorted(self.given):
            *sections, name = path
            node: Any = whole
            for section in sections:
                node = node.setdefault(section, {}) if isinstance(node, dict) else None
            if isinstance(node, dict):
                node[name] = self.given[path].value
        return whole

    def spelling(self, path: Path) -> str:
        """How the user spelled the setting at *path*; the name of its variable when it was left out."""
        for length in range(len(path), 0, -1):
            if (given := self.given.get(path[:length])) is not None and given.value != {}:
                return given.spelling
        return names.variable(path)


@dataclass(slots=True)
class Sources:
    """What each source holds, before it is known which settings there are.

    Attributes:
        owner: What the keywords were given to.
    """

    owner: str
    keywords: Mapping[str, Any]
    environ: Mapping[str, str]
    env_file: Mapping[str, str]
    toml: Mapping[str, Any]
    problems: list[str]

    def reading(self, known: Mapping[Path, FieldInfo], off: Mapping[str, str] | None = None) -> Reading:
        """What is given for the settings in *known*, the weakest source first."""
        reading = Reading(known, off or {}, problems=list(self.problems))
        _add_tree(reading, self.toml, TOML_FILE + ": {}")
        _add_variables(reading, self.env_file, ENV_FILE + ": {}")
        _add_variables(reading, self.environ, "{}")
        _add_tree(reading, self.keywords, self.owner + "({}=…)")
        return reading

    def of_section(self, name: str) -> Sources:
        """What they hold for one section alone."""
        prefix = names.variable([name, ""])
        keywords, toml = ({key: tree[key] for key in tree if key == name} for tree in (self.keywords, self.toml))
        environ, env_file = (
            {key: value for key, value in variables.items() if key.upper().startswith(prefix)}
            for variables in (self.environ, self.env_file)
        )
        return Sources(self.owner, keywords, environ, env_file, toml, [])


def gather(owner: str, keywords: Mapping[str, Any], environ: Mapping[str, str], folder: File) -> Sources:
    """Read all sources."""
    problems: list[str] = []
    toml, env_file = _toml(folder / TOML_FILE, problems), _env_file(folder / ENV_FILE, problems)
    return Sources(owner, keywords, environ, env_file, toml, problems)


def _toml(file: File, problems: list[str]) -> dict[str, Any]:
    text = _text(file, problems)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file.name}: {error}")
        return {}


def _env_file(file: File, problems: list[str]) -> dict[str, str]:
    text = _text(file, problems)
    if not text:
        return {}
    # Only here: most places have no such file, and the import takes its time.
    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    problems.extend(
        f"{file.name}, line {line.original.line}: should be NAME=value"
        for line in parse_stream(io.StringIO(text))
        if line.error
    )
    return {name: value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value}


def _text(file: File, problems: list[str]) -> str:
    if not file.is_file():
        return ""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        problems.append(f"{file.name}: cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        problems.append(f"{file.name}: is not UTF-8")
    return ""


def _add_variables(reading: Reading, variables: Mapping[str, str], spelling: str) -> None:
    ours = {name: value for name, value in variables.items() if value and _is_ours(name, value)}
    # Those with the prefix come last, and so win over the same name without it.
    for name in sorted(ours, key=lambda name: (name.startswith(names.PREFIX), name)):
        located = names.locate_variable(reading.known, name)
        if located is None:
            reading.problems.append(_unknown_variable(reading, spelling.format(name), name))
            continue
        path, in_file = located
        if in_file and name.removesuffix(names.FILE) in ours:
            other = name.removesuffix(names.FILE)
            reading.problems.append(f"{spelling.format(name)}: {other} is set as well. Remove one of the two")
            continue
        value = _secret_from(ours[name], spelling.format(name), reading.problems) if in_file else ours[name]
        if value is not None:
            reading.given[path] = Given(value, spelling.format(name))


def _is_ours(name: str, value: str) -> bool:
    if name.removesuffix(names.FILE) in names.WITHOUT_PREFIX:
        return True
    from_kubernetes = _KUBERNETES.fullmatch(name) or (name == "GATEWRIGHT_PORT" and "://" in value)
    return name.upper().startswith(names.PREFIX) and not from_kubernetes


def _secret_from(file: str, spelling: str, problems: list[str]) -> str | None:
    # The messages do not quote the path: the secret itself may be there by mistake.
    try:
        secret = File(file).read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        problems.append(f"{spelling}: the file that it names cannot be read ({error.strerror})")
        return None
    except ValueError:
        problems.append(f"{spelling}: the file that it names is not UTF-8 text")
        return None
    if not secret:
        problems.append(f"{spelling}: the file that it names is empty")
        return None
    return secret


def _add_tree(reading: Reading, tree: object, spelling: str, path: Path = ()) -> None:
    """Take nested values apart, down to single settings."""
    name = spelling.format(".".join(path))
    if path and names.match(reading.known, path):
        reading.given[path] = Given(tree, name)
    elif path and not names.is_section(reading.known, path):
        feature = reading.off.get(path[0])
        nearest = None if feature else names.nearest_path(reading.known, path)
        reading.problems.append(_unknown(name, feature, nearest))
    elif isinstance(tree, (Mapping, SettingsPart)):
        branches = _branches(tree)
        if path and not branches:
            # An empty table counts: [roles.EDITOR] makes a role without permissions.
            reading.given.setdefault(path, Given({}, name))
        for key, branch in branches.items():
            _add_tree(reading, branch, spelling, (*path, str(key)))
    else:
        reading.given[path] = Given(tree, name)


def _branches(tree: Mapping[str, object] | SettingsPart) -> Mapping[str, object]:
    if isinstance(tree, SettingsPart):
        return {name: getattr(tree, name) for name in tree.model_fields_set}
    return tree


def _unknown_variable(reading: Reading, spelling: str, name: str) -> str:
    section = name.upper().removeprefix(names.PREFIX).partition("__")[0].lower()
    feature = reading.off.get(section)
    return _unknown(spelling, feature, None if feature else names.nearest_variable(reading.known, name))


def _unknown(spelling: str, feature: str | None, nearest: str | None) -> str:
    if feature is not None:
        return f"{spelling}: belongs to the feature {feature}, which is switched off; remove the setting"
    return f"{spelling}: unknown setting" + (f"; did you mean {nearest}?" if nearest else "")
