"""What the vault seals opens under the same secret and purpose, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.vault import SealBroken, Vault, derive_key

OLD = b"an old secret of thirty-two bytes!!"
NEW = b"a new secret, also long enough, yes"


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens(plain: bytes, purpose: str) -> None:
    """Any bytes come back, for any purpose."""
    vault = Vault([NEW])

    assert vault.open(vault.seal(plain, purpose=purpose), purpose=purpose) == plain


def test_the_envelope_does_not_show_its_content() -> None:
    """The plain bytes are not in the envelope, and sealing twice gives two envelopes."""
    vault = Vault([NEW])
    first, second = (vault.seal(b"private private private", purpose="key") for _ in range(2))

    assert b"private" not in first
    assert first != second


def test_a_value_opens_for_its_own_purpose_only() -> None:
    """A sealed value that is moved to another column does not open there."""
    vault = Vault([NEW])
    sealed = vault.seal(b"x", purpose="signing key")

    with pytest.raises(SealBroken, match="damaged"):
        vault.open(sealed, purpose="totp secret")


def test_a_change_of_any_bit_is_noticed() -> None:
    """Version, key id, nonce, ciphertext and tag are all authenticated."""
    vault = Vault([NEW, OLD])
    sealed = vault.seal(b"content", purpose="p")

    for position in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[position] ^= 1 << bit
            with pytest.raises(SealBroken):
                vault.open(bytes(changed), purpose="p")


def test_a_key_id_of_another_listed_secret_does_not_help() -> None:
    """An envelope that names a secret which did not seal it does not open."""
    vault = Vault([NEW, OLD])
    sealed, other = vault.seal(b"x", purpose="p"), Vault([OLD]).seal(b"x", purpose="p")

    with pytest.raises(SealBroken):
        vault.open(sealed[:1] + other[1:9] + sealed[9:], purpose="p")


@given(st.binary(max_size=80))
def test_garbage_is_broken_and_nothing_else(garbage: bytes) -> None:
    """Whatever the database hands back, the only error is the one that says what to do."""
    with pytest.raises(SealBroken):
        Vault([NEW]).open(garbage, purpose="p")


def test_every_cut_is_noticed() -> None:
    """A value that lost its tail does not open."""
    vault = Vault([NEW])
    sealed = vault.seal(b"content", purpose="p")

    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            vault.open(sealed[:length], purpose="p")


def test_an_old_secret_behind_the_new_one_still_opens() -> None:
    """All listed secrets open; the first one seals, so that old values can be found and sealed anew."""
    sealed = Vault([OLD]).seal(b"x", purpose="p")
    vault = Vault([NEW, OLD])

    assert vault.open(sealed, purpose="p") == b"x"
    assert not vault.is_sealed_by_first(sealed)
    assert vault.is_sealed_by_first(vault.seal(b"x", purpose="p"))
    assert Vault([OLD, NEW]).is_sealed_by_first(sealed)
    assert not vault.is_sealed_by_first(b"")


def test_a_forgotten_secret_is_named_as_the_cause() -> None:
    """The message says that SECRET was changed, and how to list the old one."""
    sealed = Vault([OLD]).seal(b"x", purpose="signing key")

    with pytest.raises(SealBroken, match="signing key.*List the old secret behind the new one") as caught:
        Vault([NEW]).open(sealed, purpose="signing key")
    assert OLD.decode() not in str(caught.value)


def test_nothing_shows_a_secret() -> None:
    """Neither the repr nor an envelope holds a secret or a key made from it."""
    vault = Vault([NEW])
    shown = repr(vault).encode() + vault.seal(b"x", purpose="p")

    assert NEW not in shown
    assert derive_key(NEW, "vault: seal") not in shown


def test_a_vault_needs_a_secret() -> None:
    """An empty list or an empty secret does not make a vault that seals with nothing."""
    for none_at_all in ([], [b""], [NEW, b""]):
        with pytest.raises(ValueError, match="secret"):
            Vault(none_at_all)


def test_keys_are_derived_as_rfc_5869_says() -> None:
    """The derivation is HKDF with SHA-256: extract with the salt, expand with the purpose."""
    extracted = hmac.digest(b"gatewright key derivation, version 1", NEW, hashlib.sha256)
    expanded = hmac.digest(extracted, b"some purpose\x01", hashlib.sha256)

    assert derive_key(NEW, "some purpose") == expanded
    assert derive_key(NEW, "some purpose", 8) == expanded[:8]


def test_purposes_and_secrets_have_keys_of_their_own() -> None:
    """No two purposes and no two secrets share a key."""
    keys = {derive_key(secret, purpose) for secret in (OLD, NEW) for purpose in ("a", "b", "ab", "")}

    assert len(keys) == 8
