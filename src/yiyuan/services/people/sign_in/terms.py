"""The terms of today: who is asked for them, and agreeing.

Operators write them and are not asked; neither is anybody where the terms have no address
to be read at, or no version to agree to.
"""

from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import UserRow


def lacks_consent(site: SiteSettings, user: UserRow) -> bool:
    """Whether a person has to agree before anything else."""
    is_asked = bool(site.terms_link and site.terms_version) and user.operator_role is None
    return is_asked and user.consent_version != site.terms_version


def check_terms(site: SiteSettings, user: UserRow | None) -> None:
    """Refuse whoever has not agreed; a script has nobody who could. Raises `terms_required`."""
    if user is not None and lacks_consent(site, user):
        raise ServiceError(
            "terms_required", "the terms have changed: read them and agree to them first"
        )


async def consent(context: ServiceContext, user: UserRow, version: str) -> UserRow:
    """Agree to the terms of today. Raises ServiceError `changed_meanwhile`."""
    site = await read_site(context)
    if version != site.terms_version:
        raise ServiceError("changed_meanwhile", "the terms have changed meanwhile: read them again")
    now = context.clock.wall_ms()
    await context.database.write([users.consent(user.id, version, now)])
    return user._replace(consent_version=version, consent_at=now)
