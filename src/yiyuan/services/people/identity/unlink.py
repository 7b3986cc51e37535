"""Taking an identity away, as long as another way in is left."""

from yiyuan.services.people.identity.providers import no_such_service
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import identities, users
from yiyuan.store.tables.people.users import UserRow


async def unlink(context: ServiceContext, user: UserRow, service: str, address: str) -> None:
    """Raises ServiceError `not_found`, `not_allowed`."""
    provider = await identities.find_login_provider(context.database, service)
    found = await identities.identities_of(context.database, user.id)
    if provider is None or provider.id not in {row.provider_id for row in found}:
        raise no_such_service()
    changed = await context.database.write(
        [users.lock_user(user.id), identities.unlink_identity(user.id, provider.id)]
    )
    if changed[1] == 0:
        message = "this is your last way in: set a password first"
        raise ServiceError("not_allowed", message)
    details = {"service": provider.name}
    await note_person(context, user, "people.unlink_identity", details, address=address)
