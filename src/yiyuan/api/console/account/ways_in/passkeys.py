"""Passkeys: signing in by one, proving oneself by one, and one's own.

What the browser is asked for is the JSON of `PublicKeyCredential.parse…OptionsFromJSON`,
and its answer that of `toJSON`. Each answer must come with the cookie of its question.
"""

from typing import Any, Final

from yiyuan.api.console.account.session import Session, enter, renew
from yiyuan.api.console.cookie import read_passkey_cookie, set_passkey_cookie
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import ANYBODY, PERSON, PERSON_BEFORE_TERMS, Access, Empty, Route
from yiyuan.api.console.schemas import Line, Page, RequestBody, ResponseBody
from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.sign_in import passkey_proof, passkeys
from yiyuan.services.people.sign_in.passkey_proof import Answered, Asked
from yiyuan.services.people.sign_in.passkeys import Passkey
from yiyuan.services.people.sign_in.sessions import How

GROUP: Final = "passkeys"
"""What its routes are called in the audit log and in the OpenAPI document."""


class PasskeyQuestion(ResponseBody):
    """What the browser's `navigator.credentials` is given."""

    options: dict[str, Any]


class PasskeyAnswer(RequestBody):
    """What it answered."""

    credential: dict[str, Any]


class NewPasskey(RequestBody):
    """The answer, and what its person calls it."""

    credential: dict[str, Any]
    name: Line


class PasskeyName(RequestBody):
    """Another name."""

    name: Line


async def start_sign_in(visit: ConsoleRequest, _: Empty) -> PasskeyQuestion:
    """Ask the browser for any passkey of this house."""
    return _ask(visit, await passkey_proof.ask_for_one(visit.context, _site(visit), None, None))


async def sign_in(visit: ConsoleRequest, asked: PasskeyAnswer) -> Session:
    """Sign in by a passkey; it stands for both factors."""
    given = _given(visit, asked.credential)
    user = await passkey_proof.prove(visit.context, _site(visit), None, None, given)
    await check_domain(visit.context, None, user.email)
    return await enter(visit, user, How("passkey", has_second_factor=True))


async def start_proof(visit: ConsoleRequest, _: Empty) -> PasskeyQuestion:
    """Ask for one of one's own."""
    who = (visit.user, visit.session.id)
    return _ask(visit, await passkey_proof.ask_for_one(visit.context, _site(visit), *who))


async def prove(visit: ConsoleRequest, asked: PasskeyAnswer) -> Empty:
    """Prove anew who is there; the session gets a new secret, and is fresh for minutes."""
    given, who = _given(visit, asked.credential), (visit.user, visit.session.id)
    await passkey_proof.prove(visit.context, _site(visit), *who, given)
    await renew(visit, has_second_factor=True)
    return Empty()


async def list_mine(visit: ConsoleRequest, _: Empty) -> Page[Passkey]:
    """One's own passkeys."""
    return Page(items=await passkeys.list_passkeys(visit.context, visit.user.id))


async def start_new(visit: ConsoleRequest, _: Empty) -> PasskeyQuestion:
    """Ask the browser to make one."""
    who = (visit.user, visit.session.id)
    return _ask(visit, await passkeys.ask_for_new(visit.context, _site(visit), *who))


async def add(visit: ConsoleRequest, asked: NewPasskey) -> Passkey:
    """Keep the one that the browser made."""
    given, who = _given(visit, asked.credential), (visit.user, visit.session.id)
    return await passkeys.keep_new(visit.context, _site(visit), *who, asked.name, given)


async def rename(visit: ConsoleRequest, asked: PasskeyName) -> Empty:
    """Give one another name."""
    passkey_id = visit.places["passkey"]
    await passkeys.rename(visit.context, visit.user.id, passkey_id, asked.name)
    return Empty()


async def remove(visit: ConsoleRequest, _: Empty) -> Empty:
    """Take one away; never the last way in."""
    await passkeys.remove(visit.context, visit.user, visit.places["passkey"], visit.address)
    return Empty()


def _ask(visit: ConsoleRequest, asked: Asked) -> PasskeyQuestion:
    visit.answer_headers.append(set_passkey_cookie(asked.cookie, is_secure=visit.is_secure))
    return PasskeyQuestion(options=asked.options)


def _given(visit: ConsoleRequest, credential: dict[str, Any]) -> Answered:
    cookie = read_passkey_cookie(visit.headers, is_secure=visit.is_secure)
    return Answered(credential, cookie, visit.address)


def _site(visit: ConsoleRequest) -> str:
    return visit.house.site().site_name


_FRESH = Access("person", takes_keys=False, needs_fresh=True)
_MINE: Final = "/api/me/passkeys"
_PROVE: Final = "/api/session/prove/passkey"

ROUTES = (
    Route("POST", "/api/session/passkey/start", ANYBODY, start_sign_in, PasskeyQuestion),
    Route("POST", "/api/session/passkey", ANYBODY, sign_in, Session, PasskeyAnswer),
    Route("POST", f"{_PROVE}/start", PERSON_BEFORE_TERMS, start_proof, PasskeyQuestion),
    Route("POST", _PROVE, PERSON_BEFORE_TERMS, prove, Empty, PasskeyAnswer),
    Route("GET", _MINE, PERSON_BEFORE_TERMS, list_mine, Page[Passkey]),
    Route("POST", f"{_MINE}/start", _FRESH, start_new, PasskeyQuestion),
    Route("POST", _MINE, _FRESH, add, Passkey, NewPasskey),
    Route("PATCH", f"{_MINE}/{{passkey}}", PERSON, rename, Empty, PasskeyName),
    Route("DELETE", f"{_MINE}/{{passkey}}", _FRESH, remove, Empty),
)
