"""Certificates for servers of tests: an authority of their own, and what it signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, as files in PEM."""

    file: Path
    key_file: Path


class Authority:
    """Signs certificates.

    Args:
        folder: Where the files are written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of tests")

    @cached_property
    def file(self) -> Path:
        """The authority's own certificate."""
        builder = _builder(self._name, self._name, self._key, datetime.now(UTC) - _YEAR / 12, _YEAR)
        signed = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return self._written("authority.pem", signed.sign(self._key, hashes.SHA256()))

    def certificate(self, *names: str, is_expired: bool = False, is_self_signed: bool = False) -> Certificate:
        """A certificate for a server that has these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(names[0])
        start = datetime.now(UTC) - (_YEAR / 6 if is_expired else _YEAR / 12)
        issuer, signer = (subject, key) if is_self_signed else (self._name, self._key)
        builder = _builder(subject, issuer, key, start, _YEAR / 12 if is_expired else _YEAR)
        signed = builder.add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        file = self._written(f"{names[0]}.pem", signed.sign(signer, hashes.SHA256()))
        key_file = file.with_suffix(".key")
        form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, none))
        return Certificate(file, key_file)

    def _written(self, name: str, certificate: x509.Certificate) -> Path:
        file = self._folder / name
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return file


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
