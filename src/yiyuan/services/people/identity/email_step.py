"""The step of who came by a service that states no proven address: they prove one by mail.

What follows is decided anew with it: an address that somebody here has asks for that
person's password, any other opens an account.
"""

import json
from dataclasses import asdict, replace

from yiyuan.services.people.identity.decide import check_domain
from yiyuan.services.people.identity.enter import Waiting, step_missing
from yiyuan.services.people.people import check_email
from yiyuan.services.people.reset import site_with_mail
from yiyuan.services.people.sign_up.allowance import allow_mail
from yiyuan.services.people.sign_up.mailed_proof import (
    Asker,
    Errand,
    Proof,
    find_proof,
    send_code,
    use_proof,
)
from yiyuan.services.people.sign_up.sign_up import is_welcome
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.people.flows import put_profile


async def ask_email(
    context: ServiceContext, waiting: Waiting, email: str, asker: Asker, *, address: str
) -> None:
    """Send a code to the address that somebody wants to have here.

    Raises ServiceError `mail_not_set`, `use_other_service`; TooManyTries.
    """
    if waiting.missing != "email":
        raise step_missing(waiting.missing)
    email, site = check_email(email), await site_with_mail(context)
    await check_domain(context, waiting.provider, email)
    await allow_mail(context, site, email, address)
    errand = Errand(purpose="sign_in", email=email, is_silent=not is_welcome(site, email))
    await send_code(context, site, asker, errand)


async def prove_email(context: ServiceContext, waiting: Waiting, given: Proof) -> None:
    """Take the address as theirs. Raises ServiceError `wrong_code`, `link_not_valid`."""
    if waiting.missing != "email":
        raise step_missing(waiting.missing)
    row = await find_proof(context, "sign_in", given)
    await use_proof(context, row)
    profile = replace(waiting.profile, email=row.email, is_email_verified=True)
    statement = put_profile(waiting.flow.hash, json.dumps(asdict(profile)))
    await context.database.write([statement])
