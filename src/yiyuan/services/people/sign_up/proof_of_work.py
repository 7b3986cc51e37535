"""A riddle that costs a second of computing, where strangers ask in crowds.

The riddle is ALTCHA's (https://altcha.org/docs/v2/proof-of-work/, protocol 1): find the
number whose hash with a salt is the given one. It carries its own end and our signature;
each answer is good once.
"""

import base64
import datetime as dt
import json
from hashlib import blake2b
from typing import Any, Final

from altcha import v1

from yiyuan.services.people.sign_up.allowance import is_crowded, once
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings

NUMBER_MAX: Final = 100_000
LIFETIME: Final = dt.timedelta(minutes=20)
_ANSWER_CHARACTERS_MAX: Final = 2_000


def new_riddle(context: ServiceContext) -> dict[str, Any]:
    """A riddle as a browser solves it: algorithm, challenge, maxnumber, salt, signature."""
    now = dt.datetime.fromtimestamp(context.clock.wall_ms() / 1000, tz=dt.UTC)
    made = v1.create_challenge(
        v1.ChallengeOptions(max_number=NUMBER_MAX, hmac_key=_key(context), expires=now + LIFETIME)
    )
    return {
        "algorithm": made.algorithm,
        "challenge": made.challenge,
        "maxnumber": made.max_number,
        "salt": made.salt,
        "signature": made.signature,
    }


async def check_work(
    context: ServiceContext, site: SiteSettings, address: str, answer: str | None
) -> None:
    """Ask for work where it is crowded. Raises ServiceError `proof_of_work_required`."""
    if answer is None and not await is_crowded(context, site, address):
        return
    if answer is not None and _is_solved(context, answer):
        # The riddle's own name, not the answer's: one riddle has many spellings of it.
        salt = str(json.loads(base64.b64decode(answer))["salt"])
        name = blake2b(salt.encode(), digest_size=16).hexdigest()
        if await once(context, f"riddle {name}"):
            return
    raise ServiceError("proof_of_work_required", "solve a new riddle first: too many ask just now")


def _is_solved(context: ServiceContext, answer: str) -> bool:
    if len(answer) > _ANSWER_CHARACTERS_MAX:
        return False
    try:
        is_right, _ = v1.verify_solution(answer, _key(context))
    except (TypeError, ValueError, AttributeError, KeyError, RecursionError):
        return False
    return is_right


def _key(context: ServiceContext) -> str:
    return blake2b(b"riddle", key=context.secrets.token_pepper[:64], digest_size=32).hexdigest()
