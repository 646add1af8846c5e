"""One file of the app's own, with the new names of what was renamed; by libcst, which keeps every other byte."""

# ruff: noqa: N802 (libcst calls methods by the names of its nodes)

from __future__ import annotations

from collections.abc import Mapping, Sequence

import libcst as cst
from libcst import MetadataWrapper, ParserSyntaxError, matchers
from libcst.helpers import get_full_name_for_node
from libcst.metadata import QualifiedNameProvider, QualifiedNameSource

from gatewright.generator.renamed import TableNames

_PACKAGE = "app"
_MODULES = ("models", "schemas", "repository", "service", "router")


def rewrite(source: bytes, module: str, tables: Sequence[TableNames]) -> bytes:
    """*source* of *module* with the new names of *tables*.

    Args:
        module: Its full name, as `app.modules.post.service`.

    Raises:
        SyntaxError: It is not valid Python.
    """
    try:
        tree = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    except ParserSyntaxError as error:
        raise SyntaxError(error.message, (None, error.raw_line, error.raw_column, None)) from None
    return tree.visit(_Rewriter(module, _New(tables), _names_in(tree.module))).bytes


class _New:
    """The new full names, by the former ones.

    Attributes:
        modules: Of packages: `app.generated.post`.
        members: The last parts of the names of classes and attributes: `app.generated.post.models.Post.title`.
    """

    def __init__(self, tables: Sequence[TableNames]) -> None:
        self.modules: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.arguments: dict[str, Mapping[str, str]] = {}
        for table in tables:
            self._add(table)

    def module(self, name: str) -> str:
        """The new full name of the module *name*."""
        parts = name.split(".")
        package = ".".join(parts[:3])
        return ".".join([self.modules[package], *parts[3:]]) if package in self.modules else name

    def _add(self, table: TableNames) -> None:
        former, new = table.folder
        for parent in ("generated", "modules"):
            if former != new:
                self.modules[f"{_PACKAGE}.{parent}.{former}"] = f"{_PACKAGE}.{parent}.{new}"
        for old, name in table.classes.items():
            places = [f"{_PACKAGE}.generated.{former}.{module}.{old}" for module in _MODULES]
            if old == table.model[0]:
                places.append(f"{_PACKAGE}.generated.{old}")
            for place in places:
                self.members[place] = name
                self.arguments[place] = table.attributes
                self.members.update({f"{place}.{a}": b for a, b in table.attributes.items()})
            self.members[f"{_PACKAGE}.modules.{former}.service.{old}"] = name


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def __init__(self, module: str, new: _New, names: set[str]) -> None:
        super().__init__()
        self._module = module.removesuffix(".__init__")
        self._package = module.rpartition(".")[0]
        self._new = new
        self._names = names

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:
        return updated_node.with_changes(names=[self._imported_module(each) for each in updated_node.names])

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        source = self._absolute(original_node)
        if isinstance(updated_node.names, cst.ImportStar):
            names: cst.ImportStar | list[cst.ImportAlias] = updated_node.names
        else:
            names = [self._imported(source, each) for each in updated_node.names]
        new = self._new.module(source)
        if new == source:
            return updated_node.with_changes(names=names)
        if original_node.relative and self._new.module(self._module).startswith(f"{new.rpartition('.')[0]}."):
            # Within the folder that moves, a relative name stays.
            return updated_node.with_changes(names=names)
        return updated_node.with_changes(names=names, module=_dotted(new), relative=[])

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        name = original_node.value
        new = self._member(original_node, name)
        # If this file uses that name for something else, the import keeps the former name, with `as`.
        return updated_node if new in self._names else updated_node.with_changes(value=new)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        attribute = original_node.attr.value
        for name in self._qualified(original_node):
            if (module := self._new.modules.get(name)) is not None:
                attribute = module.rpartition(".")[2]
        attribute = self._member(original_node, attribute)
        return updated_node.with_changes(attr=updated_node.attr.with_changes(value=attribute))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        names = [self._new.arguments[n] for n in self._qualified(original_node.func) if n in self._new.arguments]
        if not names:
            return updated_node
        return updated_node.with_changes(args=[_argument(each, names[0]) for each in updated_node.args])

    def _member(self, node: cst.Name | cst.Attribute, written: str) -> str:
        for name in self._qualified(node):
            new = self._new.members.get(name)
            if new is not None and name.rpartition(".")[2] == written:
                return new
        return written

    def _qualified(self, node: cst.CSTNode) -> list[str]:
        """The full names that *node* can mean: of what is imported, and of what this module defines."""
        found = self.get_metadata(QualifiedNameProvider, node, set())
        return [
            f"{self._module}.{name.name}" if name.source is QualifiedNameSource.LOCAL else self._full(name.name)
            for name in found
        ]

    def _full(self, name: str) -> str:
        """A name behind an import, without the dots of a relative one."""
        stripped = name.lstrip(".")
        dots = len(name) - len(stripped)
        if not dots:
            return name
        parts = self._package.split(".")
        return ".".join([*parts[: len(parts) - dots + 1], stripped])

    def _absolute(self, node: cst.ImportFrom) -> str:
        name = get_full_name_for_node(node.module) if node.module else ""
        return self._full("." * len(node.relative) + (name or "")).rstrip(".")

    def _imported_module(self, alias: cst.ImportAlias) -> cst.ImportAlias:
        name = get_full_name_for_node(alias.name) or ""
        return alias.with_changes(name=_dotted(self._new.module(name)))

    def _imported(self, source: str, alias: cst.ImportAlias) -> cst.ImportAlias:
        assert isinstance(alias.name, cst.Name), "what is imported from a module has a plain name"
        name = alias.name.value
        full = f"{source}.{name}"
        if (module := self._new.modules.get(full)) is not None:
            return _as(alias, module.rpartition(".")[2], name)
        member = self._new.members.get(full)
        if member is None or member == name:
            return alias
        return _as(alias, member, name) if member in self._names else alias.with_changes(name=cst.Name(member))


def _as(alias: cst.ImportAlias, name: str, local: str) -> cst.ImportAlias:
    """*alias* for the new *name*, which keeps the name *local* in this file."""
    kept = alias.asname or cst.AsName(cst.Name(local))
    return alias.with_changes(name=cst.Name(name), asname=kept)


def _argument(argument: cst.Arg, names: Mapping[str, str]) -> cst.Arg:
    if argument.keyword is None or argument.keyword.value not in names:
        return argument
    return argument.with_changes(keyword=argument.keyword.with_changes(value=names[argument.keyword.value]))


def _dotted(name: str) -> cst.Attribute | cst.Name:
    expression = cst.parse_expression(name)
    assert isinstance(expression, cst.Attribute | cst.Name)
    return expression


def _names_in(module: cst.Module) -> set[str]:
    return {node.value for node in matchers.findall(module, matchers.Name()) if isinstance(node, cst.Name)}
