"""People of the quota gateways: one row of `users` is one person with one account."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from yiyuan.integrations.importers.contract import Person, Promise, Shop, Source
from yiyuan.integrations.importers.shared.numbers import text, whole

_ADMIN, _ROOT = 10, 100
_ROLE = "was {role} there: operators come by a link here"
_ROLE_KEPT = "was {role} there, and becomes an operator here"
_OVERDRAWN = "was overdrawn by {units} units, and begins with nothing here"
_SAME_EMAIL = "has the same e-mail as user {user}, who keeps it"
_SAME_EMAIL_SKIPPED = "has the same e-mail as user {user}: none of them keeps it"
_REWARDS = "{units} units of rewards were not drawn yet"
_REWARDS_KEPT = "{units} units of rewards that were not drawn yet are booked as a grant"
_IDENTITIES = (
    ("linux_do_id", "linux_do"),
    ("github_id_new", "github"),
    ("oidc_id", "oidc"),
    ("lark_id", "lark"),
)
"""Columns whose id belongs to one person for good, and the kind of service."""
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}")
"""A dearer one would keep a sign-in busy for minutes: each step up doubles its time."""
# Columns that are filled where somebody had what cannot come along.
_LEFT_BEHIND = (
    ("github_id", "github", "connect GitHub again: a login name can change hands"),
    ("wechat_id", "wechat", "the link to WeChat cannot be taken over"),
    ("telegram_id", "telegram", "the link to Telegram cannot be taken over"),
    ("discord_id", "discord", "the link to Discord cannot be taken over"),
    ("access_token", "access_token", "has a management token, which is not taken over"),
)


def is_deleted(row: Mapping[str, Any]) -> bool:
    """Soft deletes: a time in `deleted_at`, or one-api's status 3."""
    return row.get("deleted_at") is not None


def identities_of(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Who somebody is elsewhere; never by a name that can change hands."""
    found = ((kind, text(row.get(column)).strip()) for column, kind in _IDENTITIES)
    return tuple((kind, id_) for kind, id_ in found if id_ not in ("", "0"))


def read_person(row: Mapping[str, Any]) -> Person:
    """The person behind one row."""
    role = whole(row.get("role"))
    password = text(row.get("password"))
    remarks = []
    if inviter := whole(row.get("inviter_id")):
        remarks.append(f"invited by user {inviter}")
    if shown := text(row.get("display_name")).strip():
        remarks.append(f"shown there as {shown}")
    return Person(
        source_id=str(row["id"]),
        login_name=text(row["username"]),
        email=text(row.get("email")).strip().lower() or None,
        password_hash=password if _BCRYPT.fullmatch(password) else None,
        is_suspended=whole(row.get("status")) != 1,
        role="root" if role >= _ROOT else "admin" if role >= _ADMIN else "customer",
        group=text(row.get("group")) or "default",
        units=Fraction(whole(row.get("quota"))),
        used_units=Fraction(whole(row.get("used_quota"))),
        requests=whole(row.get("request_count")),
        identities=identities_of(row),
        remarks=tuple(remarks),
    )


def list_people(shop: Shop, rows: Iterable[Mapping[str, Any]], source: Source) -> None:
    """Note what of people cannot be moved: links, rights, promises, debts."""
    emails: dict[str, str] = {}
    for person in shop.people:
        subject = f"user {person.source_id} {person.login_name}"
        if person.role != "customer":
            is_kept = source.options.get("roles") == "keep" and not person.is_suspended
            shop.note("role", subject, _ROLE_KEPT if is_kept else _ROLE, role=person.role)
        if person.password_hash is None:
            shop.note("password", subject, "has no password that can be checked: send a link")
        if person.units < 0:
            shop.note("negative_balance", subject, _OVERDRAWN, units=str(-person.units))
        if person.email is None:
            continue
        if person.email in emails:
            skips = source.options.get("duplicates") == "skip"
            template = _SAME_EMAIL_SKIPPED if skips else _SAME_EMAIL
            shop.note("email_taken", subject, template, user=emails[person.email])
        emails.setdefault(person.email, person.source_id)
    for row in rows:
        _list_left_behind(shop, row, keeps_rewards=source.options.get("affiliate") == "grant")


def _list_left_behind(shop: Shop, row: Mapping[str, Any], *, keeps_rewards: bool) -> None:
    subject = f"user {row['id']} {text(row['username'])}"
    for column, kind, detail in _LEFT_BEHIND:
        is_number_known = column == "github_id" and whole(row.get("github_id_new"))
        if text(row.get(column)) not in ("", "0") and not is_number_known:
            shop.note(kind, subject, detail)
    promised = whole(row.get("aff_quota"))
    if promised <= 0:
        return
    if keeps_rewards:
        owner = str(row["id"])
        shop.promises.append(Promise(owner=owner, kind="affiliate", units=Fraction(promised)))
    template = _REWARDS_KEPT if keeps_rewards else _REWARDS
    shop.note("affiliate", subject, template, units=promised)
