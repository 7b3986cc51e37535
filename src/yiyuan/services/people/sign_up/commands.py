"""Commands about codes with which strangers may sign up where an invitation is needed."""

import msgspec

from yiyuan.services.people.sign_up import invitation_codes
from yiyuan.services.people.sign_up.invitation_codes import NewSignUpCode
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Nothing, Request


class OneCode(Request):
    """A code by its id."""

    id: str


@command("sign_up_codes.create")
async def create(context: ServiceContext, request: NewSignUpCode) -> Json:
    """Make a code: `{"code","item"}`, the only answer that has it."""
    item, code = await invitation_codes.make_code(context, request)
    return {"code": code, "item": msgspec.to_builtins(item)}


@command("sign_up_codes.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Every code without the code itself, the latest first: `{"codes":[…]}`."""
    return {"codes": msgspec.to_builtins(await invitation_codes.list_codes(context))}


@command("sign_up_codes.end")
async def end(context: ServiceContext, request: OneCode) -> Json:
    """Let nobody sign up with a code any more: `{"ended"}`."""
    await invitation_codes.end_code(context, request.id)
    return {"ended": request.id}
