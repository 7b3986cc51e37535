"""Any OpenID provider by its issuer: Keycloak, Authentik, Casdoor, Logto, Okta, Auth0, …"""

from yiyuan.integrations.identity.contract import (
    Field,
    IdentityProvider,
    Profile,
    Return,
    Settings,
    Start,
    Steps,
    Words,
)
from yiyuan.integrations.identity.oauth import CLIENT_ID, CLIENT_SECRET
from yiyuan.integrations.identity.oidc import (
    ROLE_CLAIM,
    SCOPE,
    begin_at,
    check_issuer,
    discover_issuer,
    fill_in,
    profile_of,
    redeem,
)


def begin(settings: Settings, start: Start) -> Steps[str]:
    """Discover, then send the browser to where the issuer says."""
    found = yield from discover_issuer(settings["issuer"])
    return begin_at(found, settings, start)


def finish(settings: Settings, back: Return) -> Steps[Profile]:
    """Code → id_token → person; userinfo only for what the token leaves out."""
    found = yield from discover_issuer(settings["issuer"])
    got = yield from redeem(found, settings, back)
    check_issuer(found, back, got.claims, found.issuer)
    claims = yield from fill_in(found, settings, got)
    return profile_of(settings, claims, got.claims["sub"])


PROVIDER = IdentityProvider(
    name="generic_oidc",
    title=Words("OpenID Connect", "OpenID Connect"),
    fields=(
        Field(
            "issuer",
            Words("Issuer", "签发者"),
            Words(
                "Exactly as its discovery document says, such as https://id.example.com/realms/main.",
                "须与其发现文档中的 issuer 完全一致，例如 https://id.example.com/realms/main。",
            ),
            kind="url",
            is_required=True,
            says_who=True,
        ),
        CLIENT_ID,
        CLIENT_SECRET,
        SCOPE,
        ROLE_CLAIM,
    ),
    begin=begin,
    finish=finish,
)
