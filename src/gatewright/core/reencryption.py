"""Encrypts with the first secret what an older one has sealed, so that the old one may be removed from `SECRET`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, LargeBinary, String, func, literal, or_, select, update

from gatewright.core import base64url
from gatewright.core.audit import sealer
from gatewright.core.housekeeping import BATCH, Sweep
from gatewright.core.keys import key_store
from gatewright.core.mail import outbox
from gatewright.core.tokens import mailed_codes
from gatewright.core.vault import PREFIX_LENGTH, SealBroken, Vault
from gatewright.settings import KernelSettings
from gatewright.storage.database import Transaction

_log = logging.getLogger("gatewright.secrets")


@dataclass(frozen=True, slots=True)
class _SealedRow:
    """The primary key of a row, and what is sealed in it."""

    key: str
    stored: bytes | str


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column that the vault seals.

    Attributes:
        table: Its table, as the design or the kernel calls it.
        column: Its name there.
        purpose: What its values are sealed for.
        is_text: Whether it holds envelopes in base64url, among values of other kinds.
        dated: The column that says when a value was encrypted again, where there is one.
    """

    table: str
    column: str
    purpose: str
    is_text: bool = False
    dated: str | None = None

    def is_under(self, tx: Transaction, prefixes: Iterable[bytes]) -> ColumnElement[bool]:
        """Whether a row's value was sealed under a secret whose envelopes begin so."""
        column = tx.table(self.table).c[self.column]
        if not self.is_text:
            begins = func.substr(column, 1, PREFIX_LENGTH, type_=LargeBinary())
            return or_(*(begins == literal(prefix, LargeBinary()) for prefix in prefixes))
        texts = [base64url.encode(prefix) for prefix in prefixes]
        return or_(*(func.substr(column, 1, len(text), type_=String()) == text for text in texts))

    def re_encrypted(self, stored: bytes | str, vault: Vault) -> bytes | str:
        """The same value under the first secret.

        Raises:
            SealBroken: It does not open.
        """
        sealed = base64url.decode(stored) if isinstance(stored, str) else stored
        sealed_again = vault.seal(vault.open(sealed, purpose=self.purpose), purpose=self.purpose)
        return base64url.encode(sealed_again) if isinstance(stored, str) else sealed_again


SEALED = (
    SealedColumn("gatewright_signing_keys", "sealed", key_store.SEALED_FOR, dated="sealed_at"),
    SealedColumn("gatewright_outbox", "sealed", outbox.SEALED_FOR),
    # The sealer does it too, with the next event; without one, the old secret would seem unneeded.
    SealedColumn("gatewright_audit_chain", "sealed", sealer.SEALED_FOR),
    SealedColumn("EmailVerification", "token", mailed_codes.SEALED_FOR, is_text=True),
)
"""What the kernel seals at rest. Features declare their own columns (`Feature.sealed`)."""


@dataclass(frozen=True, slots=True)
class OldSecret:
    """How far a secret that is not the first has been replaced.

    Attributes:
        number: Its place in `SECRET`, counted from 1.
        sealed: How many values are sealed under it.
    """

    number: int
    sealed: int


def sweeps(vault: Vault, columns: Sequence[SealedColumn]) -> list[Sweep]:
    """Sweeps (`core.housekeeping`) that re-encrypt *columns*, a batch at a time; none where there is one secret."""
    return [_sweep_of(column, vault) for column in columns] if vault.old_prefixes else []


def old_secrets(tx: Transaction, vault: Vault, columns: Sequence[SealedColumn]) -> list[OldSecret]:
    """What each secret but the first is still needed for in *columns*."""
    counted = [sum(_count(tx, column, prefix) for column in columns) for prefix in vault.old_prefixes]
    return [OldSecret(number, sealed) for number, sealed in enumerate(counted, start=2)]


def first_secret_since(tx: Transaction, vault: Vault) -> datetime | None:
    """Since when the first secret has certainly been the first, according to the signing keys."""
    keys = tx.table("gatewright_signing_keys")
    since = select(func.min(func.coalesce(keys.c.sealed_at, keys.c.created_at), type_=keys.c.created_at.type))
    found: datetime | None = tx.value(since.where(SEALED[0].is_under(tx, [vault.first_prefix])))
    return found


def _sweep_of(column: SealedColumn, vault: Vault) -> Sweep:
    def sweep(tx: Transaction, now: datetime, _settings: KernelSettings) -> int:
        table = tx.table(column.table)
        key = table.primary_key.columns[0]
        old = select(key.label("key"), table.c[column.column].label("stored"))
        return sum(
            _reseal(tx, column, row, vault, now)
            for row in tx.all(old.where(column.is_under(tx, vault.old_prefixes)).limit(BATCH), _SealedRow)
        )

    return sweep


def _reseal(tx: Transaction, column: SealedColumn, row: _SealedRow, vault: Vault, now: datetime) -> int:
    table = tx.table(column.table)
    try:
        values: dict[str, object] = {column.column: column.re_encrypted(row.stored, vault)}
    except (SealBroken, ValueError):
        _log.error("a value of %s.%s does not open, and stays under its old secret", column.table, column.column)
        return 0
    if column.dated is not None:
        values[column.dated] = now
    # Only what was read: a mail that was composed or sent meanwhile has another value, or none.
    unchanged = (table.primary_key.columns[0] == row.key, table.c[column.column] == row.stored)
    return tx.run(update(table).where(*unchanged).values(values))


def _count(tx: Transaction, column: SealedColumn, prefix: bytes) -> int:
    counted = select(func.count()).select_from(tx.table(column.table)).where(column.is_under(tx, [prefix]))
    return int(tx.value(counted))
