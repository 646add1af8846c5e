"""PostgreSQL's tables for `gatewright design import`, read from its catalogue over a connection that cannot write.

SQLAlchemy's inspector leaves out EXCLUDE, NOT VALID and partitions; the catalogue has everything, and writes
expressions as `pg_dump` does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import asyncpg

from gatewright.design.document import Design
from gatewright.design.importers.found import FoundCheck, FoundColumn, FoundIndex, FoundKey, FoundTable, TableName
from gatewright.design.importers.from_database import imported_tables
from gatewright.design.importers.imported import Imported, Notes, refuse
from gatewright.design.importers.sql_values import unwrapped
from gatewright.settings.postgresql_urls import read_postgresql_url

_SECONDS = 30
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
_OF_EXTENSION = "SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'"
_TABLES = f"""
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, c.relispartition AS is_partition,
           c.relrowsecurity AS has_policies, obj_description(c.oid, 'pg_class') AS comment,
           EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid) AS inherits
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS ({_OF_EXTENSION})
    ORDER BY c.oid"""  # noqa: S608 (of constants)
_COLUMNS = """
    SELECT a.attrelid AS oid, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull AS is_not_null, pg_get_expr(d.adbin, d.adrelid) AS default, a.attidentity::text AS identity,
           a.attgenerated::text AS generated, col_description(a.attrelid, a.attnum) AS comment,
           t.typtype::text AS kind, format_type(t.typbasetype, t.typtypmod) AS base, t.typnotnull AS is_base_not_null,
           t.typdefault AS base_default,
           ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
           a.attcollation <> t.typcollation AND a.attcollation <> 0 AS has_collation,
           pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) AS sequence
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum"""
_NAMES = """ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY u(num, place)
                  JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = u.num ORDER BY u.place)"""
_CONSTRAINTS = f"""
    SELECT k.conrelid AS oid, k.conname AS name, k.contype::text AS kind, k.confrelid AS target,
           k.confdeltype::text AS on_delete, k.confupdtype::text AS on_update, k.condeferrable AS is_deferrable,
           k.convalidated AS is_valid, pg_get_expr(k.conbin, k.conrelid) AS expression, k.connoinherit AS no_inherit,
           {_NAMES.format(keys="k.conkey", table="k.conrelid")} AS columns,
           {_NAMES.format(keys="k.confkey", table="k.confrelid")} AS to_columns, pg_get_constraintdef(k.oid) AS text
    FROM pg_constraint k WHERE k.conrelid = ANY($1::oid[]) ORDER BY k.conrelid, k.conname"""  # noqa: S608 (of constants)
_INDEXES = f"""
    SELECT i.indrelid AS oid, c.relname AS name, i.indisunique AS is_unique, m.amname AS method,
           pg_get_expr(i.indpred, i.indrelid) AS where, i.indexprs IS NOT NULL AS has_expression,
           i.indnatts > i.indnkeyatts AS has_include, EXISTS (SELECT 1 FROM unnest(i.indoption) o WHERE o & 1 = 1)
           AS is_descending, pg_get_indexdef(i.indexrelid) LIKE '%NULLS NOT DISTINCT%' AS nulls_not_distinct,
           {_NAMES.format(keys="(i.indkey::int2[])[0:i.indnkeyatts - 1]", table="i.indrelid")} AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
    WHERE i.indrelid = ANY($1::oid[]) AND NOT i.indisprimary
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('x', 'p'))
    ORDER BY i.indrelid, c.relname"""  # noqa: S608 (of constants)
_OTHERS = f"""
    SELECT c.relname AS name, CASE c.relkind WHEN 'S' THEN 'a sequence of its own' ELSE 'a composite type' END AS what
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {_OURS} AND c.relkind IN ('S', 'c') AND NOT EXISTS ({_OF_EXTENSION})
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
    UNION ALL SELECT polname, 'a policy' FROM pg_policy
    UNION ALL SELECT tgname, 'a trigger' FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT c.proname, 'a function' FROM pg_proc c JOIN pg_namespace n ON n.oid = c.pronamespace
    WHERE {_OURS} AND NOT EXISTS ({_OF_EXTENSION}) ORDER BY 2, 1"""  # noqa: S608 (of constants)
_DOMAINS = """
    SELECT format_type(contypid, NULL) AS type, pg_get_expr(conbin, 0) AS expression
    FROM pg_constraint WHERE contypid <> 0 AND contype = 'c'"""
_OTHER_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


def read_database(url: str, known: Design) -> Imported:
    """The tables of a PostgreSQL database.

    Raises:
        ValueError: The URL cannot be read; the message has no part of it.
        DesignError: The database cannot be reached, or refuses.
    """
    read = read_postgresql_url(url)
    try:
        found, notes = asyncio.run(_read(read.for_driver))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The driver's own sentence may quote the URL.
        refuse(f"the database cannot be read ({type(error).__name__})")
    return imported_tables(found, known, notes)


async def _read(url: str) -> tuple[list[FoundTable], Notes]:
    connection = await asyncpg.connect(
        url, timeout=_SECONDS, command_timeout=_SECONDS, server_settings={"default_transaction_read_only": "on"}
    )
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            # Without a path, the catalogue names every schema.
            await connection.execute("SET LOCAL search_path = ''")
            return await _Catalogue(connection).read()
    finally:
        await connection.close()


class _Catalogue:
    """Reads the tables of one database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._notes = Notes()
        self._tables: dict[int, FoundTable] = {}

    async def read(self) -> tuple[list[FoundTable], Notes]:
        """The tables, and what a design cannot hold."""
        for row in await self._connection.fetch(_TABLES):
            self._table(row)
        oids = list(self._tables)
        domains = await self._connection.fetch(_DOMAINS)
        for row in await self._connection.fetch(_COLUMNS, oids):
            self._column(row, [domain["expression"] for domain in domains if domain["type"] == row["type"]])
        for row in await self._connection.fetch(_CONSTRAINTS, oids):
            self._constraint(row)
        for row in await self._connection.fetch(_INDEXES, oids):
            self._index(row)
        for row in await self._connection.fetch(_OTHERS):
            self._notes.add(row["name"], f"is {row['what']}, which a design cannot hold")
        return list(self._tables.values()), self._notes

    def _table(self, row: Mapping[str, Any]) -> None:
        table = FoundTable(row["name"], _schema(row["schema"]), comment=row["comment"])
        if row["kind"] in _OTHER_KINDS:
            self._notes.add(table.shown, f"is {_OTHER_KINDS[row['kind']]}, which a design cannot hold")
        elif row["is_partition"]:
            self._notes.add(table.shown, "is a partition; in a design its rows are in the one table")
        elif row["kind"] in ("r", "p"):
            self._tables[row["oid"]] = table
            for is_there, sentence in (
                (row["kind"] == "p", "is partitioned; in a design it is one table"),
                (row["inherits"], "inherits from another table; in a design it has the columns itself"),
                (row["has_policies"], "a design cannot hold row level security; write access rules instead"),
            ):
                if is_there:
                    self._notes.add(table.shown, sentence)

    def _column(self, row: Mapping[str, Any], conditions: list[str]) -> None:
        table = self._tables[row["oid"]]
        column = FoundColumn(
            row["name"],
            row["type"].removeprefix("public."),
            is_not_null=row["is_not_null"],
            is_identity=bool(row["identity"]) or row["sequence"] is not None,
            comment=row["comment"],
            enum_values=tuple(row["labels"]),
        )
        if row["generated"]:
            column.computed, column.is_stored = unwrapped(row["default"]), row["generated"] == "s"
        elif not column.is_identity:
            column.default = row["default"]
        if row["kind"] == "d":
            self._write_out(column, table, row, conditions)
        if row["has_collation"]:
            self._notes.add(f"{table.shown}.{column.name}", "a design cannot hold a collation; it is left out")
        table.columns.append(column)

    def _write_out(self, column: FoundColumn, table: FoundTable, row: Mapping[str, Any], conditions: list[str]) -> None:
        sentence = f"the domain {column.type} is written out as {row['base']}"
        self._notes.add(f"{table.shown}.{column.name}", sentence)
        column.type, column.default = row["base"], column.default or row["base_default"]
        column.is_not_null |= row["is_base_not_null"]
        name = column.name if re.fullmatch("[a-z_][a-z0-9_]*", column.name) else _quoted(column.name)
        table.checks += [FoundCheck((unwrapped(condition) or "").replace("VALUE", name)) for condition in conditions]

    def _constraint(self, row: Mapping[str, Any]) -> None:
        table, columns = self._tables[row["oid"]], tuple(row["columns"])
        place = f"{table.shown}.{row['name']}"
        is_enforced = "NOT ENFORCED" not in row["text"]
        match row["kind"]:
            case "p":
                table.key = columns
            case "c" if is_enforced:
                table.checks.append(FoundCheck(unwrapped(row["expression"]) or "", row["name"]))
            case "f" if row["target"] in self._tables and is_enforced and "PERIOD" not in row["text"]:
                key = FoundKey(columns, _name(self._tables[row["target"]]), tuple(row["to_columns"]), row["name"])
                key.on_delete, key.on_update = _ACTIONS[row["on_delete"]], _ACTIONS[row["on_update"]]
                table.foreign_keys.append(key)
                if "SET NULL (" in row["text"]:
                    self._notes.add(place, "SET NULL of some columns sets all of them in a design")
            case "f":
                self._notes.add(place, "is a foreign key that a design cannot hold; it is left out")
        for is_there, what in (
            (row["is_deferrable"], "DEFERRABLE"),
            (not row["is_valid"] and is_enforced, "NOT VALID"),
            (not is_enforced, "NOT ENFORCED"),
            (row["kind"] == "c" and row["no_inherit"], "NO INHERIT"),
            (row["kind"] == "x", "an EXCLUDE constraint"),
            ("WITHOUT OVERLAPS" in row["text"], "WITHOUT OVERLAPS"),
        ):
            if is_there:
                self._notes.add(place, f"a design cannot hold {what}; it is left out")

    def _index(self, row: Mapping[str, Any]) -> None:
        table = self._tables[row["oid"]]
        place = f"{table.shown}.{row['name']}"
        if row["has_expression"] or row["method"] != "btree":
            what = "an expression" if row["has_expression"] else row["method"]
            self._notes.add(place, f"is an index with {what}, which a design cannot hold; it is left out")
            return
        if row["is_descending"]:
            self._notes.add(place, "a design cannot hold DESC; its index is ascending")
        for is_there, what in (
            (row["has_include"], "INCLUDE"),
            (row["nulls_not_distinct"], "NULLS NOT DISTINCT"),
        ):
            if is_there:
                self._notes.add(place, f"a design cannot hold {what}; it is left out")
        table.indexes.append(FoundIndex(tuple(row["columns"]), row["is_unique"], row["name"], unwrapped(row["where"])))


def _schema(name: str) -> str | None:
    return None if name == "public" else name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name(table: FoundTable) -> TableName:
    return table.schema, table.name
