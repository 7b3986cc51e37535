"""LINUX DO: the forum's own OAuth service.

The forum says whether somebody is active, silenced, and how far it trusts them; who is
not active, or silenced, or below the trust level that the operator asks for, is refused.
It states no e-mail address. Source: connect.linux.do, and how other gateways use it.
"""

from typing import Any

from yiyuan.integrations.identity import contract, oauth


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """No call is needed before the browser is sent off."""
    yield from ()
    base = settings["base_url"].rstrip("/")
    return oauth.authorize_address(f"{base}/oauth2/authorize", settings, start, {"scope": "user"})


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → access token → user."""
    base = settings["base_url"].rstrip("/")
    fields = {
        "grant_type": "authorization_code",
        "code": back.code,
        "redirect_uri": back.redirect_uri,
        "code_verifier": back.verifier,
    }
    credentials = oauth.basic(settings["client_id"], settings["client_secret"])
    answer = yield oauth.post_form(f"{base}/oauth2/token", fields, credentials)
    access_token = oauth.read_access_token(oauth.read_object(answer, "token"))
    user = oauth.read_object(
        (yield oauth.get(f"{base}/api/user", oauth.bearer(access_token))), "user"
    )
    subject = oauth.subject_of(user.get("id"), "user: the id")
    _check_standing(user, int(settings["trust_level_min"]))
    return contract.Profile(
        subject, name=oauth.text_of(user.get("name")) or oauth.text_of(user.get("username"))
    )


def _check_standing(user: dict[str, Any], trust_level_min: int) -> None:
    """Refuse whom the forum itself does not let write, or trusts too little."""
    if user.get("active") is not True:
        raise contract.IdentityError(
            "person_refused", "the forum says that this person is not active"
        )
    if user.get("silenced") is not False:
        raise contract.IdentityError("person_refused", "the forum has silenced this person")
    level = user.get("trust_level")
    if not isinstance(level, int) or isinstance(level, bool) or level < trust_level_min:
        raise contract.IdentityError(
            "person_refused", f"the forum's trust level is below {trust_level_min}"
        )


PROVIDER = contract.IdentityProvider(
    name="linuxdo",
    title=contract.Words("LINUX DO", "LINUX DO"),
    fields=(
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        contract.Field(
            "trust_level_min",
            contract.Words("Lowest trust level", "最低信任等级"),
            contract.Words(
                "People whom the forum trusts less are refused: 0 to 4.",
                "信任等级低于此值的用户会被拒绝：0 到 4。",
            ),
            kind="integer",
            default="0",
            choices=("0", "1", "2", "3", "4"),
        ),
        oauth.base_url_field("https://connect.linux.do"),
    ),
    begin=begin,
    finish=finish,
)
