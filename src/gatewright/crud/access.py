"""Who may make which call, and on which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatewright.core.context import Context
from gatewright.core.principal import Principal
from gatewright.design import document as design
from gatewright.design.document import CALLS, CallName
from gatewright.http.errors import InsufficientPermission, InsufficientRole, NotAuthenticated
from gatewright.roles import ADMIN

_PLAIN_RULES = ("public", "authenticated", "owner")
_ROLE = "role:"
_PERMISSION = "permission:"


@dataclass(frozen=True, slots=True)
class Call:
    """One call on a resource: what services work with, and who makes it (None: an anonymous client).

    Attributes:
        deleted: Whether it reads rows that are deleted, instead of those that are not.
    """

    context: Context
    user: Principal | None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a call may touch.

    Attributes:
        owner: Only those of the user with this id; None for all rows.
        deleted: Only those that are marked as deleted; otherwise only those that are not.
    """

    owner: str | None = None
    deleted: bool = False


EVERY_ROW = Scope()


def require_admin(user: Principal | None) -> None:
    """Refuse a call on deleted rows to all but administrators.

    Raises:
        NotAuthenticated: The caller is not signed in.
        InsufficientRole: The caller is no administrator.
    """
    if user is None:
        raise NotAuthenticated
    if user.role != ADMIN:
        raise InsufficientRole


@dataclass(frozen=True, kw_only=True)
class Access:
    """The access rules of a table, as the design has them. ADMIN may make every call; without a rule, ADMIN alone.

    Each call takes `public`, `authenticated`, `owner`, `role:NAME` and `permission:NAME`; any one rule lets in.

    Raises:
        ValueError: There is no such rule.
    """

    list: Sequence[str] = ()
    read: Sequence[str] = ()
    create: Sequence[str] = ()
    update: Sequence[str] = ()
    delete: Sequence[str] = ()

    def __post_init__(self) -> None:
        for call in CALLS:
            for rule in self.rules(call):
                if rule not in _PLAIN_RULES and not rule.startswith((_ROLE, _PERMISSION)):
                    raise ValueError(f"no access rule {rule!r} (for {call})")

    @classmethod
    def of(cls, access: design.Access, *calls: CallName) -> Access:
        """The rules that a design has for *calls*."""
        return cls(**{call: [str(rule) for rule in access.rules(call)] for call in calls})

    def rules(self, call: CallName) -> Sequence[str]:
        """The rules for *call*."""
        found: Sequence[str] = getattr(self, call)
        return found

    @property
    def asks_for_owner(self) -> bool:
        """Whether some call depends on the owner of the row."""
        return any("owner" in self.rules(call) for call in CALLS)

    def is_public(self, call: CallName) -> bool:
        """Whether every client may make *call*, signed in or not."""
        return "public" in self.rules(call)

    def refusals(self, call: CallName) -> Sequence[type[InsufficientRole]]:
        """The errors for users who may not make *call*."""
        if self.is_public(call):
            return []
        needs_permission = any(rule.startswith(_PERMISSION) for rule in self.rules(call))
        return [InsufficientPermission if needs_permission else InsufficientRole]

    def shows_what_is_written(self, call: CallName) -> bool:
        """Whether every caller who may make *call*, a create or an update, may read the resulting row."""
        rules = self.rules("read")
        if "public" in rules or set(self.rules(call)) <= {*rules, _ROLE + ADMIN}:
            return True
        # A user who is signed in owns what they create.
        all_signed_in = "authenticated" in rules or (call == "create" and "owner" in rules)
        return all_signed_in and not self.is_public(call)

    def creates_own(self, user: Principal | None) -> bool:
        """Whether what *user* creates has to belong to a row of theirs, in a table whose rows belong by another row.

        Not for those whom a role or a permission lets in, nor where everyone may create.
        """
        if self.is_public("create"):
            return False
        rules = ["owner" if rule == "authenticated" else rule for rule in self.create]
        return replace(self, create=rules).scope("create", user) != EVERY_ROW

    def reading_scope(self, name: CallName, call: Call) -> Scope:
        """The rows that *call* may read; deleted ones, if it asks for these.

        Raises:
            NotAuthenticated: As in `scope`.
            InsufficientRole: As in `scope`; and only administrators read deleted rows.
        """
        scope = self.scope(name, call.user)
        if not call.deleted:
            return scope
        require_admin(call.user)
        return replace(scope, deleted=True)

    def scope(self, call: CallName, user: Principal | None) -> Scope:
        """The rows that *user* may touch with *call*.

        Raises:
            NotAuthenticated: The caller is not signed in, and the call is not public.
            InsufficientPermission: The user may not make the call, and some permission would let them.
            InsufficientRole: The user may not make the call at all.
        """
        if self.is_public(call):
            return EVERY_ROW
        if user is None:
            raise NotAuthenticated
        rules = self.rules(call)
        if user.role == ADMIN or "authenticated" in rules or _ROLE + user.role in rules:
            return EVERY_ROW
        needed = [rule.removeprefix(_PERMISSION) for rule in rules if rule.startswith(_PERMISSION)]
        if any(map(user.has_permission, needed)):
            return EVERY_ROW
        if "owner" in rules:
            return Scope(user.id)
        raise InsufficientPermission if needed else InsufficientRole
