"""By which services a person may sign in, as they see it."""

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.people import identities


class Identity(Answer):
    """Who somebody is elsewhere."""

    service: str
    email: str | None
    name: str
    linked: str
    last_used: str | None


async def list_identities(context: ServiceContext, user_id: str) -> list[Identity]:
    """A person's identities, the oldest first."""
    return [
        Identity(
            service=row.provider_name,
            email=row.email,
            name=row.name,
            linked=iso(row.linked_at),
            last_used=time_text(row.last_used_at),
        )
        for row in await identities.identities_of(context.database, user_id)
    ]
