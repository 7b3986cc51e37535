"""Google, by OpenID Connect; of one organisation only, if a hosted domain is set.

Source: developers.google.com/identity/openid-connect.
"""

from yiyuan.integrations.identity import contract, oauth, oidc


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """Discover, then send the browser off; the hosted domain is a hint here, and checked after."""
    found = yield from oidc.discover_issuer(settings["base_url"])
    domain = {"hd": settings["hosted_domain"]} if settings["hosted_domain"] else {}
    return oidc.begin_at(found, settings, start, **domain)


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → id_token → person."""
    found = yield from oidc.discover_issuer(settings["base_url"])
    claims = (yield from oidc.redeem(found, settings, back)).claims
    oidc.check_issuer(found, back, claims, found.issuer)
    if settings["hosted_domain"] and claims.get("hd") != settings["hosted_domain"]:
        raise contract.IdentityError("person_refused", "the person belongs to another organisation")
    return oidc.profile_of(settings, claims, claims["sub"])


PROVIDER = contract.IdentityProvider(
    name="google",
    title=contract.Words("Google", "Google"),
    fields=(
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        contract.Field(
            "hosted_domain",
            contract.Words("Only this organisation", "仅限本组织"),
            contract.Words(
                "Its Google Workspace domain; empty lets everybody with a Google account in.",
                "Google Workspace 域名；留空则允许所有 Google 账号。",
            ),
        ),
        oidc.SCOPE,
        oauth.base_url_field("https://accounts.google.com"),
    ),
    begin=begin,
    finish=finish,
)
