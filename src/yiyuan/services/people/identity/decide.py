"""Who that is here: what follows from an identity that another service has proven.

The identity alone (service and subject) says who somebody is. An e-mail address that
somebody here has is a reason to ask for that person's own password, never a proof.

| identity known | its address is somebody's here | then |
|---|---|---|
| yes | – | that person; their one-time code, unless the service asks for one itself |
| no | no, verified, sign-up allowed | asks for consent, then a new person and account |
| no | no, not verified or missing | needs an address that is proven first |
| no | yes | asks for the password and code of that person, then links |
"""

from dataclasses import dataclass
from typing import Literal

from yiyuan.i18n.message import Message
from yiyuan.integrations.identity.contract import Profile
from yiyuan.services.mail.mailbox import is_listed
from yiyuan.services.people.identity.providers import LoginProvider, service_for
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.people import identities, users
from yiyuan.store.tables.people.users import UserRow

Missing = Literal["nothing", "totp", "password", "accept", "email"]


@dataclass(slots=True, frozen=True)
class Decision:
    """Who it is, and what is missing before they are in."""

    missing: Missing
    user: UserRow | None = None
    """The person of the identity, or the one whose password is asked for."""
    is_linked: bool = False


async def decide(context: ServiceContext, provider: LoginProvider, profile: Profile) -> Decision:
    """The table above. Raises ServiceError `use_other_service`, `sign_up_closed`."""
    known = await identities.find_identity(context.database, provider.row.id, profile.subject)
    if known is not None:
        return await _of_known(context, provider, known.user_id)
    await check_domain(context, provider, profile.email)
    if profile.email is not None:
        same = await users.find_user(context.database, profile.email)
        if same is not None and same.email == profile.email:
            return Decision("password", same)
    if not await _may_sign_up(context, provider, profile.email):
        raise ServiceError(
            "sign_up_closed", "nobody can sign up here by this service: ask for an invitation"
        )
    if profile.email is None or not profile.is_email_verified:
        return Decision("email")
    return Decision("accept")


async def check_domain(
    context: ServiceContext, provider: LoginProvider | None, email: str | None
) -> None:
    """Refuse an address whose domain must use another service, or any service at all."""
    demanded = None if email is None else await service_for(context, email)
    if demanded is not None and (provider is None or demanded.row.id != provider.row.id):
        raise ServiceError(
            "use_other_service",
            Message("people of this domain sign in by {service}", service=demanded.title),
        )


async def _of_known(context: ServiceContext, provider: LoginProvider, user_id: str) -> Decision:
    user = await users.find_user(context.database, user_id)
    if user is None:
        raise ServiceError("not_found", "there is no such person any more")
    await check_domain(context, provider, user.email)
    if user.totp_on and not provider.row.is_second_factor:
        return Decision("totp", user, is_linked=True)
    return Decision("nothing", user, is_linked=True)


async def _may_sign_up(context: ServiceContext, provider: LoginProvider, email: str | None) -> bool:
    """What the service was set up for; where nothing was said, what the site allows."""
    site = await read_site(context)
    if email is not None and is_listed(email, site.blocked_domains.split()):
        return False
    if provider.row.allows:
        return provider.row.allows == "sign_up"
    domains = site.sign_up_domains.split()  # an address that is proven later is looked at then
    return site.sign_up == "open" and (not domains or email is None or is_listed(email, domains))
