"""Whether a sign-in service takes our settings, asked before the first person is sent there.

It is led through the whole conversation with a code that nobody got: a service that knows
our application refuses the code, and one that does not refuses the application.
"""

from yiyuan.auth.opaque_secret import new_secret
from yiyuan.integrations.identity.contract import IdentityError, Return, Start
from yiyuan.services.people.identity.conversation import Conversations
from yiyuan.services.people.identity.providers import callback_url, no_such_service, opened
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.people.identities import find_login_provider


class ServiceChecked(Answer):
    """What came of a test; `reason` is the service's own word, empty if it went well."""

    ok: bool
    reason: str


async def check_service(
    context: ServiceContext, conversations: Conversations, name: str
) -> ServiceChecked:
    """Ask the service, enabled or not. Raises ServiceError `not_found`."""
    row = await find_login_provider(context.database, name)
    if row is None:
        raise no_such_service()
    provider = opened(context, row)
    is_private = bool(provider.row.allow_private)
    redirect_uri = callback_url(context, provider.row.name)
    start = Start(new_secret(), new_secret(), new_secret(), redirect_uri)
    back = Return(
        code=new_secret(),
        verifier=new_secret(),
        nonce=start.nonce,
        redirect_uri=redirect_uri,
        now_seconds=context.clock.wall_ms() // 1000,
    )
    try:
        await conversations.lead(
            provider.preset.begin(provider.settings, start), allow_private=is_private
        )
        await conversations.lead(
            provider.preset.finish(provider.settings, back), allow_private=is_private
        )
    except IdentityError as error:
        is_ok = error.code == "code_refused"
        return ServiceChecked(ok=is_ok, reason="" if is_ok else error.detail)
    return ServiceChecked(ok=False, reason="the service takes a code that it never gave")
