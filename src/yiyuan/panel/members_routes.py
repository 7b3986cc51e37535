"""Who may use an account: its members, one more by a one-time link, one less."""

from yiyuan.console import one_time_links
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import iso
from yiyuan.panel.route import MEMBER_READS, MEMBER_WRITES, Nothing, Route
from yiyuan.panel.shapes import Page, Shown, Url
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store import people as people_rows


class MemberView(Shown):
    """A person who may use the account."""

    user_id: str
    email: str
    since: str


async def list_members(visit: Visit, _: Nothing) -> Page[MemberView]:
    """Who may use the account."""
    found = await people_rows.members_of(visit.desk.database, visit.account_id)
    return Page(
        items=[MemberView(user_id=m.user_id, email=m.email, since=iso(m.since)) for m in found]
    )


async def remove_member(visit: Visit, _: Nothing) -> Nothing:
    """Shut a person out of the account; the last member stays."""
    found = await people_rows.members_of(visit.desk.database, visit.account_id)
    user_id = visit.places["user"]
    if user_id not in {member.user_id for member in found}:
        raise not_found("member")
    if len(found) == 1 and visit.visitor.role is None:
        raise CommandError("not_allowed", "the last member of an account stays")
    await visit.desk.database.write([people_rows.remove_member(visit.account_id, user_id)])
    return Nothing()


async def invite(visit: Visit, _: Nothing) -> Url:
    """A one-time link for one more member, or for a member's new password."""
    return Url(url=await one_time_links.make_invite(visit.desk, visit.account_id))


_ACCOUNT = "/api/accounts/{account}"

ROUTES = (
    Route("GET", f"{_ACCOUNT}/members", MEMBER_READS, list_members, Page[MemberView]),
    Route("DELETE", f"{_ACCOUNT}/members/{{user}}", MEMBER_WRITES, remove_member, Nothing),
    Route("POST", f"{_ACCOUNT}/invite", MEMBER_WRITES, invite, Url),
)
