"""GitHub, and GitHub Enterprise Server.

Who somebody is says the numeric id alone: a login can be renamed, and taken by a
stranger afterwards. An address counts when it is the primary one and verified.
Source: docs.github.com, "Authorizing OAuth apps" and "REST API: users, emails".
"""

from typing import Any

from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity import contract, oauth

_VERSION = ("x-github-api-version", "2022-11-28")


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """No call is needed before the browser is sent off."""
    yield from ()
    authorize, _ = _places(settings)
    return oauth.authorize_address(
        f"{authorize}/authorize", settings, start, {"scope": "read:user user:email"}
    )


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → access token → user → addresses."""
    authorize, api = _places(settings)
    document = yield from oauth.exchange(
        f"{authorize}/access_token",
        settings,
        back.code,
        back.redirect_uri,
        code_verifier=back.verifier,
    )
    access_token = oauth.read_access_token(document)
    user = oauth.read_object(_within_limits((yield _get(f"{api}/user", access_token))), "user")
    if not isinstance(user.get("id"), int):
        raise contract.IdentityError("not_valid", "user: the numeric id is missing")
    email = _primary((yield _get(f"{api}/user/emails", access_token)))
    return contract.Profile(
        subject=oauth.subject_of(user["id"], "user: the id"),
        name=oauth.text_of(user.get("name")) or oauth.text_of(user.get("login")),
        email=email,
        is_email_verified=email is not None,
    )


def _places(settings: contract.Settings) -> tuple[str, str]:
    """Where people agree, and where the API is."""
    if settings["base_url"]:
        base = settings["base_url"].rstrip("/")
        return base, base
    if settings["enterprise_url"]:
        host = settings["enterprise_url"].rstrip("/")
        return f"{host}/login/oauth", f"{host}/api/v3"
    return "https://github.com/login/oauth", "https://api.github.com"


def _get(url: str, access_token: str) -> contract.Fetch:
    return oauth.get(url, oauth.bearer(access_token), _VERSION)


def _within_limits(answer: Answer) -> Answer:
    """A 403 that says that the limit is used up is an outage, not a refusal."""
    if answer.status == 403 and answer.headers.get("x-ratelimit-remaining") == "0":
        raise contract.IdentityError("unavailable", "the service limits us: try again later")
    return answer


def _primary(answer: Answer) -> str | None:
    """The address that is both primary and verified; without the scope there is none."""
    if _within_limits(answer).status in (401, 403, 404):
        return None
    found: Any = oauth.read_json(answer, "emails")
    if not isinstance(found, list):
        raise contract.IdentityError("not_valid", "emails: not a list")
    for each in found:
        if isinstance(each, dict) and each.get("primary") is True and each.get("verified") is True:
            return oauth.email_of(each.get("email"))
    return None


PROVIDER = contract.IdentityProvider(
    name="github",
    title=contract.Words("GitHub", "GitHub"),
    fields=(
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        contract.Field(
            "enterprise_url",
            contract.Words("GitHub Enterprise Server", "GitHub Enterprise Server"),
            contract.Words(
                "Its address, such as https://github.example.com; empty means github.com.",
                "它的地址，例如 https://github.example.com；留空表示 github.com。",
            ),
            kind="url",
            says_who=True,
        ),
        oauth.base_url_field(),
    ),
    begin=begin,
    finish=finish,
)
