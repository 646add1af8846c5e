"""PostgreSQL's dumps, as `pg_dump` and tools that write its SQL make them; parsed by PostgreSQL's own parser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from gatewright.design.document import Design
from gatewright.design.importers.found import FoundCheck, FoundColumn, FoundIndex, FoundKey, FoundTable, TableName
from gatewright.design.importers.from_database import imported_tables
from gatewright.design.importers.imported import Imported, Notes, SourceFile, line_of, refuse, refuse_many_statements
from gatewright.design.importers.postgresql_text import without_rows
from gatewright.errors import SetupError

_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_DEFAULT_SCHEMAS = ("", "public")


def read_dump(files: Sequence[SourceFile], known: Design) -> Imported:
    """The importer of PostgreSQL's dumps.

    Raises:
        DesignError: A statement is cut off or wrong; with its line.
        SetupError: The parser is not installed.
    """
    try:
        import postgast
    except ImportError:
        raise SetupError("Dumps of PostgreSQL need the extra import: pip install 'gatewright[import]'.") from None
    notes = Notes()
    text = without_rows(files[0].text, notes)
    refuse_many_statements(text)
    try:
        statements = postgast.parse(text).stmts
    except postgast.PgQueryError as error:
        refuse(f"PostgreSQL refuses the statement here ({error})", line_of(text, max(error.cursorpos - 1, 0)))
    reader = _Reader(postgast, notes)
    for statement in statements:
        reader.take(statement.stmt)
    return imported_tables(reader.finished(), known, notes)


class _Reader:
    """Gathers tables from statements, whatever their order."""

    def __init__(self, parser: Any, notes: Notes) -> None:
        self._parser, self._notes = parser, notes
        self._tables: dict[TableName, FoundTable] = {}
        self._enums: dict[str, tuple[str, ...]] = {}
        self._domains: dict[str, tuple[FoundColumn, list[str]]] = {}
        self._owned: set[str] = set()
        self._sequences: list[str] = []
        self._defaults: list[tuple[FoundColumn, str]] = []
        self._others: Counter[str] = Counter()

    def take(self, statement: Any) -> None:
        """Take what a statement says."""
        kind = statement.WhichOneof("node")
        take = getattr(self, f"_{kind}", None)
        if take is not None:
            take(getattr(statement, kind))
        elif kind in _NAMED:
            name, what = _NAMED[kind]
            self._notes.add(_last_name(getattr(statement, kind), name), f"is {what}, which a design cannot hold")
        elif kind not in _WITHOUT_MEANING:
            self._others[kind.removesuffix("_stmt").replace("_", " ")] += 1

    def finished(self) -> list[FoundTable]:
        """The tables, after all statements."""
        self._count_by_sequences()
        for table in self._tables.values():
            for column in table.columns:
                self._resolve(table, column)
        for sequence in self._sequences:
            if sequence not in self._owned:
                self._notes.add(sequence, "is a sequence of its own, which a design cannot hold")
        if self._others:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self._others.items()))
            self._notes.add("other statements", f"a design cannot hold them: {kinds}")
        return list(self._tables.values())

    def _count_by_sequences(self) -> None:
        """Make columns count up whose sequence is their own: by OWNED BY, or a key that alone takes from it."""
        uses = Counter(sequence for _, sequence in self._defaults)
        keys = {id(table.columns[i]) for table in self._tables.values() for i in _whole_key(table)}
        for column, sequence in self._defaults:
            if sequence in self._owned or (uses[sequence] == 1 and id(column) in keys and sequence in self._sequences):
                column.is_identity, column.default = True, None
                self._owned.add(sequence)

    def _resolve(self, table: FoundTable, column: FoundColumn) -> None:
        if column.type in self._enums:
            column.enum_values = self._enums[column.type]
        elif column.type in self._domains:
            domain, checks = self._domains[column.type]
            self._notes.add(f"{table.shown}.{column.name}", f"the domain {column.type} is written out as {domain.type}")
            column.type, column.default = domain.type, column.default or domain.default
            column.is_not_null |= domain.is_not_null
            name = column.name if column.name.islower() and column.name.isidentifier() else f'"{column.name}"'
            table.checks += [FoundCheck(re.sub(r"\bvalue\b", name, check, flags=re.IGNORECASE)) for check in checks]

    def _create_enum_stmt(self, statement: Any) -> None:
        self._enums[_name(statement.type_name)] = tuple(value.string.sval for value in statement.vals)

    def _create_domain_stmt(self, statement: Any) -> None:
        domain, checks = FoundColumn("", self._type(statement.type_name)), list[str]()
        for node in statement.constraints:
            constraint = node.constraint
            match self._kind(constraint):
                case "CONSTR_NOTNULL":
                    domain.is_not_null = True
                case "CONSTR_DEFAULT":
                    domain.default = self._sql(constraint.raw_expr)
                case "CONSTR_CHECK":
                    checks.append(self._sql(constraint.raw_expr))
        self._domains[_name(statement.domainname)] = (domain, checks)

    def _create_stmt(self, statement: Any) -> None:
        table = FoundTable(statement.relation.relname, _schema(statement.relation.schemaname))
        if statement.HasField("partspec"):
            self._notes.add(table.shown, "is partitioned; in a design it is one table")
        for parent in statement.inh_relations:
            if statement.HasField("partbound"):
                return
            self._inherit(table, parent.range_var)
        self._tables[table.schema, table.name] = table
        for node in statement.table_elts:
            if node.WhichOneof("node") == "column_def":
                self._column(node.column_def, table)
            elif node.WhichOneof("node") == "constraint":
                self._constraint(node.constraint, table)

    def _inherit(self, table: FoundTable, parent: Any) -> None:
        self._notes.add(table.shown, f"inherits from {parent.relname}; in a design it has the columns itself")
        found = self._tables.get(_key(parent))
        for column in found.columns if found else ():
            table.columns.append(FoundColumn(**{name: getattr(column, name) for name in FoundColumn.__slots__}))

    def _column(self, node: Any, table: FoundTable) -> None:
        column = FoundColumn(node.colname, self._type(node.type_name))
        table.columns.append(column)
        place = f"{table.shown}.{column.name}"
        if column.type in ("serial", "bigserial", "smallserial"):
            column.is_identity = column.is_not_null = True
        if node.HasField("coll_clause"):
            self._notes.add(place, "a design cannot hold a collation; it is left out")
        for each in node.constraints:
            self._of_column(each.constraint, column, table)

    def _of_column(self, constraint: Any, column: FoundColumn, table: FoundTable) -> None:
        match self._kind(constraint):
            case "CONSTR_NOTNULL":
                column.is_not_null = True
                self._note_unheld(constraint, f"{table.shown}.{constraint.conname or column.name}")
            case "CONSTR_DEFAULT":
                self._default(column, constraint.raw_expr)
            case "CONSTR_IDENTITY":
                column.is_identity = column.is_not_null = True
            case "CONSTR_GENERATED":
                column.computed = self._sql(constraint.raw_expr)
                column.is_stored = constraint.generated_kind != "v"
            case _:
                self._constraint(constraint, table, column.name)

    def _default(self, column: FoundColumn, node: Any) -> None:
        column.default = self._sql(node)
        if column.default.startswith("nextval('"):
            self._defaults.append((column, column.default.split("'")[1].removeprefix("public.")))

    def _constraint(self, constraint: Any, table: FoundTable, column: str | None = None) -> None:
        keys = constraint.keys or constraint.fk_attrs
        names = tuple(key.string.sval for key in keys) or ((column,) if column else ())
        place = f"{table.shown}.{constraint.conname or ', '.join(names)}"
        match self._kind(constraint):
            case "CONSTR_PRIMARY":
                table.key = names
            case "CONSTR_UNIQUE":
                table.indexes.append(FoundIndex(names, True, constraint.conname or None))
            case "CONSTR_CHECK" if constraint.is_enforced:
                table.checks.append(FoundCheck(self._sql(constraint.raw_expr), constraint.conname or None))
            case "CONSTR_FOREIGN":
                self._foreign_key(constraint, table, column, place)
            case "CONSTR_NOTNULL":
                for found in table.columns:
                    found.is_not_null |= found.name in names
        self._note_unheld(constraint, place)

    def _note_unheld(self, constraint: Any, place: str) -> None:
        kind = self._kind(constraint)
        for is_there, what in (
            (constraint.nulls_not_distinct, "NULLS NOT DISTINCT"),
            (constraint.without_overlaps, "WITHOUT OVERLAPS"),
            (constraint.including, "INCLUDE"),
            (constraint.is_no_inherit, "NO INHERIT"),
            (constraint.skip_validation and (constraint.is_enforced or kind == "CONSTR_NOTNULL"), "NOT VALID"),
            (constraint.deferrable, "DEFERRABLE"),
            (kind == "CONSTR_EXCLUSION", "an EXCLUDE constraint"),
            (kind == "CONSTR_CHECK" and not constraint.is_enforced, "a check that is NOT ENFORCED"),
        ):
            if is_there:
                self._notes.add(place, f"a design cannot hold {what}; it is left out")

    def _foreign_key(self, constraint: Any, table: FoundTable, column: str | None, place: str) -> None:
        names = tuple(name.string.sval for name in constraint.fk_attrs) or ((column,) if column else ())
        if constraint.fk_with_period or constraint.pk_with_period:
            self._notes.add(place, "is a foreign key over a PERIOD, which a design cannot hold; it is left out")
            return
        if not constraint.is_enforced:
            self._notes.add(place, "a design cannot hold a foreign key that is NOT ENFORCED; it is left out")
            return
        if constraint.fk_del_set_cols:
            self._notes.add(place, "SET NULL of some columns sets all of them in a design")
        key = FoundKey(
            names,
            _key(constraint.pktable),
            tuple(name.string.sval for name in constraint.pk_attrs),
            constraint.conname or None,
            _ACTIONS[constraint.fk_del_action or "a"],
            _ACTIONS[constraint.fk_upd_action or "a"],
        )
        table.foreign_keys.append(key)

    def _alter_table_stmt(self, statement: Any) -> None:
        table = self._tables.get(_key(statement.relation))
        for node in statement.cmds:
            command = node.alter_table_cmd
            kind = self._parser.pg_query_pb2.AlterTableType.Name(command.subtype)
            if kind == "AT_AttachPartition" and table is not None:
                part = self._tables.pop(_key(getattr(command, "def").partition_cmd.name), None)
                if part is not None:
                    self._notes.add(
                        part.shown, f"is a partition of {table.shown}, whose rows are one table in a design"
                    )
            elif kind == "AT_EnableRowSecurity" and table is not None:
                self._notes.add(table.shown, "a design cannot hold row level security; write access rules instead")
            elif table is not None:
                self._alter(kind, command, table)

    def _alter(self, kind: str, command: Any, table: FoundTable) -> None:
        node = getattr(command, "def")
        column = next((one for one in table.columns if one.name == command.name), None)
        if kind == "AT_AddConstraint":
            self._constraint(node.constraint, table)
        elif kind == "AT_AddColumn":
            self._column(node.column_def, table)
        elif column is not None and kind == "AT_ColumnDefault":
            self._default(column, node)
        elif column is not None and kind == "AT_AddIdentity":
            column.is_identity = column.is_not_null = True
            self._note_steps(f"{table.shown}.{column.name}", node.constraint.options)
        elif column is not None and kind == "AT_SetNotNull":
            column.is_not_null = True

    def _index_stmt(self, statement: Any) -> None:
        table = self._tables.get(_key(statement.relation))
        if table is None:
            return
        elements = [node.index_elem for node in statement.index_params]
        place = f"{table.shown}.{statement.idxname or 'an index'}"
        if not all(element.name for element in elements) or statement.access_method not in ("", "btree"):
            what = "an expression" if statement.access_method in ("", "btree") else statement.access_method
            self._notes.add(place, f"is an index with {what}, which a design cannot hold; it is left out")
            return
        direction = self._parser.pg_query_pb2.SortByDir.Name
        if any(direction(element.ordering) == "SORTBY_DESC" for element in elements):
            self._notes.add(place, "a design cannot hold DESC; its index is ascending")
        if statement.index_including_params:
            self._notes.add(place, "a design cannot hold INCLUDE; it is left out")
        if statement.nulls_not_distinct:
            self._notes.add(place, "a design cannot hold NULLS NOT DISTINCT; it is left out")
        where = self._sql(statement.where_clause) if statement.HasField("where_clause") else None
        names = tuple(element.name for element in elements)
        table.indexes.append(FoundIndex(names, statement.unique, statement.idxname or None, where))

    def _comment_stmt(self, statement: Any) -> None:
        names = [item.string.sval for item in statement.object.list.items]
        kind = self._parser.pg_query_pb2.ObjectType.Name(statement.objtype)
        if kind == "OBJECT_TABLE" and (table := self._tables.get(_pair(names))):
            table.comment = statement.comment
        elif kind == "OBJECT_COLUMN" and (table := self._tables.get(_pair(names[:-1]))):
            for column in table.columns:
                column.comment = statement.comment if column.name == names[-1] else column.comment
        elif kind != "OBJECT_EXTENSION":
            self._others[f"comment on {kind.removeprefix('OBJECT_').lower()}"] += 1

    def _alter_seq_stmt(self, statement: Any) -> None:
        if any(option.def_elem.defname == "owned_by" for option in statement.options):
            self._owned.add(statement.sequence.relname)

    def _create_seq_stmt(self, statement: Any) -> None:
        self._sequences.append(statement.sequence.relname)

    def _note_steps(self, place: str, options: Any) -> None:
        steps = {option.def_elem.defname: option.def_elem.arg.integer.ival for option in options}
        if steps.get("start", 1) != 1 or steps.get("increment", 1) != 1:
            self._notes.add(place, "a design cannot hold the start and the step of a count; they are left out")

    def _kind(self, constraint: Any) -> str:
        return str(self._parser.pg_query_pb2.ConstrType.Name(constraint.contype))

    def _sql(self, node: Any) -> str:
        """An expression as SQL."""
        whole = self._parser.parse("SELECT 1")
        whole.stmts[0].stmt.select_stmt.target_list[0].res_target.val.CopyFrom(node)
        return str(self._parser.deparse(whole)).removeprefix("SELECT ")

    def _type(self, node: Any) -> str:
        """A type as PostgreSQL spells it, without the schema public."""
        whole = self._parser.parse("SELECT NULL::int")
        whole.stmts[0].stmt.select_stmt.target_list[0].res_target.val.type_cast.type_name.CopyFrom(node)
        return str(self._parser.deparse(whole)).removeprefix("SELECT NULL::").removeprefix("public.")


_NAMED = {
    "view_stmt": ("view", "a view"),
    "create_table_as_stmt": ("into", "a materialized view"),
    "create_trig_stmt": ("trigname", "a trigger"),
    "create_policy_stmt": ("policy_name", "a policy"),
    "create_function_stmt": ("funcname", "a function"),
    "composite_type_stmt": ("typevar", "a composite type"),
}
_WITHOUT_MEANING = frozenset(
    "variable_set_stmt select_stmt alter_owner_stmt transaction_stmt create_schema_stmt insert_stmt "
    "constraints_set_stmt create_extension_stmt drop_stmt".split()
)


def _whole_key(table: FoundTable) -> list[int]:
    """Where the column stands that alone is the key; empty if there are several."""
    return [i for i, column in enumerate(table.columns) if table.key == (column.name,)]


def _last_name(statement: Any, field: str) -> str:
    value = getattr(statement, field)
    if isinstance(value, str):
        return value
    if field == "funcname":
        return _name(value)
    relation = value.rel if field == "into" else value
    return str(relation.relname)


def _name(nodes: Any) -> str:
    return ".".join(node.string.sval for node in nodes if node.string.sval != "public")


def _schema(name: str) -> str | None:
    return None if name in _DEFAULT_SCHEMAS else name


def _key(relation: Any) -> TableName:
    return _schema(relation.schemaname), relation.relname


def _pair(names: Sequence[str]) -> TableName:
    return (_schema(names[-2]) if len(names) > 1 else None), names[-1]
