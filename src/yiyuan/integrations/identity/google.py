"""Google, by OpenID Connect; of one organisation only, if a hosted domain is set.

Source: developers.google.com/identity/openid-connect.
"""

from yiyuan.integrations.identity.contract import (
    Field,
    IdentityError,
    IdentityProvider,
    Profile,
    Return,
    Settings,
    Start,
    Steps,
    Words,
)
from yiyuan.integrations.identity.oauth import CLIENT_ID, CLIENT_SECRET, base_url_field
from yiyuan.integrations.identity.oidc import (
    SCOPE,
    begin_at,
    check_issuer,
    discover_issuer,
    profile_of,
    redeem,
)


def begin(settings: Settings, start: Start) -> Steps[str]:
    """Discover, then send the browser off; the hosted domain is a hint here, and checked after."""
    found = yield from discover_issuer(settings["base_url"])
    domain = {"hd": settings["hosted_domain"]} if settings["hosted_domain"] else {}
    return begin_at(found, settings, start, **domain)


def finish(settings: Settings, back: Return) -> Steps[Profile]:
    """Code → id_token → person."""
    found = yield from discover_issuer(settings["base_url"])
    claims = (yield from redeem(found, settings, back)).claims
    check_issuer(found, back, claims, found.issuer)
    if settings["hosted_domain"] and claims.get("hd") != settings["hosted_domain"]:
        raise IdentityError("person_refused", "the person belongs to another organisation")
    return profile_of(settings, claims, claims["sub"])


PROVIDER = IdentityProvider(
    name="google",
    title=Words("Google", "Google"),
    fields=(
        CLIENT_ID,
        CLIENT_SECRET,
        Field(
            "hosted_domain",
            Words("Only this organisation", "仅限本组织"),
            Words(
                "Its Google Workspace domain; empty lets everybody with a Google account in.",
                "Google Workspace 域名；留空则允许所有 Google 账号。",
            ),
        ),
        SCOPE,
        base_url_field("https://accounts.google.com"),
    ),
    begin=begin,
    finish=finish,
)
