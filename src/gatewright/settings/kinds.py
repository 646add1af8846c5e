"""The kinds of value that a setting can have, apart from plain text, numbers and yes or no.

A setting is often given in another form than it is read: a duration as `"15m"`, and read as a timedelta. At run
time each kind is a type with its conversion, for pydantic. A type checker sees a descriptor instead: it takes a
keyword's type from `__set__` and an attribute's from `__get__`, so that `Settings(access_token_ttl="15m")` and
`settings.access_token_ttl.total_seconds()` both check, without a plugin.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator, SecretStr

# Names, not the module: through `from gatewright.settings import values` this file would be part of a circle of
# imports, in which mypy cannot resolve what `__set__` takes.
from gatewright.settings.values import (
    Network,
    Proxy,
    api_prefix,
    database_url,
    duration,
    mailbox,
    origins,
    private_keys,
    proxies,
    redirects,
    secrets,
    url_beginning_with,
    web_url,
    words,
)

if TYPE_CHECKING:
    Read_co = TypeVar("Read_co", covariant=True)
    Given_contra = TypeVar("Given_contra", contravariant=True)

    class _Kind(Generic[Read_co, Given_contra]):
        def __get__(self, instance: object, owner: type) -> Read_co: ...
        def __set__(self, instance: object, value: Given_contra) -> None: ...

    Duration = _Kind[timedelta, timedelta | int | str]
    Words = _Kind[tuple[str, ...], Sequence[str] | Set[str]]
    Origins = Words
    RedirectUrls = Words
    Proxies = _Kind[tuple[Proxy, ...], Sequence[str | Network]]
    Secret = _Kind[SecretStr, SecretStr | str]
    OptionalSecret = _Kind[SecretStr | None, SecretStr | str | None]
    Secrets = _Kind[tuple[SecretStr, ...], SecretStr | str | Sequence[SecretStr | str]]
    PrivateKeys = Secrets
    DatabaseUrl = Secret
    OptionalDatabaseUrl = OptionalSecret
    OptionalRedisUrl = OptionalSecret
    OptionalMailUrl = OptionalSecret
else:
    Duration = Annotated[timedelta, BeforeValidator(duration)]
    Words = Annotated[tuple[str, ...], BeforeValidator(words)]
    Origins = Annotated[tuple[str, ...], BeforeValidator(origins)]
    RedirectUrls = Annotated[tuple[str, ...], BeforeValidator(redirects)]
    Proxies = Annotated[tuple[Proxy, ...], BeforeValidator(proxies)]
    Secret = SecretStr
    OptionalSecret = SecretStr | None
    Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(secrets)]
    PrivateKeys = Annotated[tuple[SecretStr, ...], BeforeValidator(private_keys)]
    DatabaseUrl = Annotated[SecretStr, AfterValidator(database_url)]
    OptionalDatabaseUrl = DatabaseUrl | None
    OptionalRedisUrl = Annotated[SecretStr, AfterValidator(url_beginning_with("redis://", "rediss://"))] | None
    OptionalMailUrl = (
        Annotated[SecretStr, AfterValidator(url_beginning_with("smtp://", "smtps://", "console:", "inbox:"))] | None
    )

WebUrl = Annotated[str, AfterValidator(web_url)]
Mailbox = Annotated[str, AfterValidator(mailbox)]
Prefix = Annotated[str, AfterValidator(api_prefix)]
