"""People of the other shop: each becomes an account, and a person who signs in to it.

An account is suspended before anything that could spend its money exists here. Everything
is found again by its id, so an interrupted take goes on where it ended.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from yiyuan.auth.encryption import encrypt
from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.contract import Person, Shop
from yiyuan.integrations.importers.shared.names import printable_name
from yiyuan.ledger.errors import AccountExists
from yiyuan.ledger.operations import OpenAccount, Suspend
from yiyuan.services.imports.names import account_id, group_name, source_hash, user_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.people.people import check_email
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import name_fault
from yiyuan.store.database import Statement
from yiyuan.store.queries.accounts import all_accounts
from yiyuan.store.queries.imports import sign_in_names
from yiyuan.store.tables.imports import ImportedRow, imported, put_imported
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.taken_over import groups_of_account, take_over_user
from yiyuan.store.tables.people.users import MemberRow, UserRow

NAMES_TRIED = 99
PLACEHOLDER_DOMAIN: Final = ".invalid"
ROLES: Final = MappingProxyType({"root": "owner", "admin": "support"})
"""What administrators become where that was asked for: an owner may do everything here as
root could there; an admin could not change the settings, and looks after people."""
EMAIL_HERE = "somebody here has this e-mail already, so it is left out"
LOGIN_HERE = "somebody here signs in by this name already: this person signs in by e-mail"


@dataclass(slots=True, frozen=True)
class PersonNames:
    """What a person and their account are called here."""

    account: str
    email: str
    login: str | None

    @property
    def has_own_email(self) -> bool:
        """Whether the address is one that mail can reach."""
        return not self.email.endswith(PLACEHOLDER_DOMAIN)


@dataclass(slots=True)
class Taken:
    """What the database holds of accounts and people before a take."""

    accounts: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    rows: dict[str, ImportedRow] = field(default_factory=dict)
    """What was taken before, by source id."""
    people: dict[str, PersonNames] = field(default_factory=dict)
    """By source id."""
    groups: frozenset[str] = frozenset()
    """Those of the source that have a price."""


async def read_taken(context: ServiceContext, settings: ImportSettings, shop: Shop) -> Taken:
    """Read it all once, and choose everybody's names in the order of the source.

    The first of two with one e-mail keeps it, so the order must not depend on who is
    written first.
    """
    accounts = await all_accounts(context.database)
    taken = Taken(
        accounts={row.id for row in accounts},
        names={row.name for row in accounts},
        rows=await imported(context.database, settings.id, "user"),
        groups=frozenset(group.name for group in shop.groups),
    )
    known = await sign_in_names(context.database)
    emails = {each.email: each.id for each in known}
    if settings.duplicates == "skip":
        several = Counter(person.email for person in shop.people if person.email)
        emails |= {email: "" for email, count in several.items() if count > 1}
    logins = {each.login_name: each.id for each in known if each.login_name}
    theirs = {user_id(settings.id, person.source_id) for person in shop.people}
    for person in shop.people:
        taken.people[person.source_id] = PersonNames(
            account=_account_name(settings, person, taken),
            email=_email(settings, shop, person, emails, theirs),
            login=_login(settings, shop, person, logins),
        )
    return taken


async def take_person(
    context: ServiceContext, settings: ImportSettings, person: Person, taken: Taken
) -> None:
    """Open the account, lock it, and let the person in; again changes what has changed."""
    account, now = account_id(settings.id, person.source_id), context.clock.wall_ms()
    before = taken.rows.get(person.source_id)
    role = _role(settings, person)
    hashed = _hash(settings, person, role)
    if account not in taken.accounts:
        await _open(context, account, taken.people[person.source_id].account, taken)
    if before is not None and before.source_hash == hashed:
        return
    locked_at = None if before is None else before.locked_at
    if before is None:
        locked_at = (await context.ledger.post(Suspend(account, now))).suspended_at
    row = ImportedRow(
        import_id=settings.id,
        kind="user",
        source_id=person.source_id,
        our_id=account,
        source_hash=hashed,
        target=0 if before is None else before.target,
        pending=None,
        owed=0 if before is None else before.owed,
        locked_at=locked_at,
        at=now,
    )
    names = taken.people[person.source_id]
    if before is not None and before.source_hash.endswith(f":{role}"):
        role = None  # given before: whoever has lost it here since does not get it back
    statements = _person_statements(context, settings, person, names, role)
    if person.group in taken.groups:
        statements.append(groups_of_account(account, group_name(person.group)))
    await context.database.write([*statements, put_imported(row)])
    taken.rows[person.source_id] = row


async def _open(context: ServiceContext, account: str, name: str, taken: Taken) -> None:
    """Open an account; somebody else may take its name in the same moment."""
    for wanted in (name, *(_numbered(name, number) for number in range(2, NAMES_TRIED))):
        operation = OpenAccount(account, wanted, context.clock.wall_ms(), 0, context.actor)
        try:
            await context.ledger.post(operation)
        except AccountExists:
            continue
        taken.accounts.add(account)
        return
    raise ServiceError(
        "already_exists",
        Message('{count} accounts are called "{name}" already', count=NAMES_TRIED, name=name),
    )


def _account_name(settings: ImportSettings, person: Person, taken: Taken) -> str:
    """The old name where it is free, else with a number behind it."""
    name = printable_name(person.login_name, f"user {person.source_id}")
    if account_id(settings.id, person.source_id) in taken.accounts:
        return name
    number = 1
    while (wanted := _numbered(name, number)) in taken.names or name_fault(wanted):
        number += 1
    taken.names.add(wanted)
    return wanted


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def _person_statements(
    context: ServiceContext,
    settings: ImportSettings,
    person: Person,
    names: PersonNames,
    role: str | None,
) -> list[Statement]:
    user, now = user_id(settings.id, person.source_id), context.clock.wall_ms()
    secret = person.totp_secret
    row = UserRow(
        id=user,
        email=names.email,
        password_hash=person.password_hash or "",
        operator_role=role,
        language=None,
        zone=None,
        low_balance=None,
        totp_sealed=encrypt(context.secrets.seal_key, secret, user) if secret else None,
        totp_on=int(bool(secret) and person.totp_on),
        totp_step=0,
        created_at=now,
        last_seen_at=None,
        login_name=names.login,
        email_verified_at=now if settings.emails_verified and names.has_own_email else None,
    )
    member = MemberRow(account_id(settings.id, person.source_id), user, now)
    return [take_over_user(row), users.add_member(member)]


def _email(
    settings: ImportSettings,
    shop: Shop,
    person: Person,
    emails: dict[str, str],
    theirs: set[str],
) -> str:
    """The person's address, or one that nothing is ever sent to.

    `theirs` are the ids here of everybody in the source, who is listed already.
    """
    user = user_id(settings.id, person.source_id)
    placeholder = f"u{person.source_id}@{settings.name}{PLACEHOLDER_DOMAIN}".replace(":", "-")
    if person.email is None:
        return placeholder
    try:
        email = check_email(person.email)
    except ServiceError:
        return placeholder
    if emails.setdefault(email, user) == user:
        return email
    if emails[email] and emails[email] not in theirs:
        shop.note("email_here", f"user {person.source_id} {person.login_name}", EMAIL_HERE)
    return placeholder


def _login(
    settings: ImportSettings, shop: Shop, person: Person, logins: dict[str, str]
) -> str | None:
    """The name that the person always typed, exactly."""
    if not person.login_name.strip():
        return None
    user = user_id(settings.id, person.source_id)
    if logins.setdefault(person.login_name, user) == user:
        return person.login_name
    shop.note("login_here", f"user {person.source_id} {person.login_name}", LOGIN_HERE)
    return None


def _role(settings: ImportSettings, person: Person) -> str | None:
    """The operator's role that somebody keeps; nobody who is off there."""
    if settings.roles != "keep" or person.is_suspended:
        return None
    return ROLES.get(person.role)


def _hash(settings: ImportSettings, person: Person, role: str | None) -> str:
    """Of what a take writes, and the role that it gives; the balance has its own rule."""
    hashed = source_hash(
        person.login_name,
        person.email,
        person.password_hash,
        person.is_suspended,
        person.group,
        person.totp_secret,
        person.totp_on,
        json.dumps(person.identities),
        settings.emails_verified,
    )
    return hashed if role is None else f"{hashed}:{role}"
