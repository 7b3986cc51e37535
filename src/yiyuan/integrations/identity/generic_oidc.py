"""Any OpenID provider by its issuer: Keycloak, Authentik, Casdoor, Logto, Okta, Auth0, …"""

from yiyuan.integrations.identity import contract, oauth, oidc


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """Discover, then send the browser to where the issuer says."""
    found = yield from oidc.discover_issuer(settings["issuer"])
    return oidc.begin_at(found, settings, start)


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → id_token → person; userinfo only for what the token leaves out."""
    found = yield from oidc.discover_issuer(settings["issuer"])
    got = yield from oidc.redeem(found, settings, back)
    oidc.check_issuer(found, back, got.claims, found.issuer)
    claims = yield from oidc.fill_in(found, settings, got)
    return oidc.profile_of(settings, claims, got.claims["sub"])


PROVIDER = contract.IdentityProvider(
    name="generic_oidc",
    title=contract.Words("OpenID Connect", "OpenID Connect"),
    fields=(
        contract.Field(
            "issuer",
            contract.Words("Issuer", "签发者"),
            contract.Words(
                "Exactly as its discovery document says, such as https://id.example.com/realms/main.",
                "须与其发现文档中的 issuer 完全一致，例如 https://id.example.com/realms/main。",
            ),
            kind="url",
            is_required=True,
            says_who=True,
        ),
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        oidc.SCOPE,
        oidc.ROLE_CLAIM,
    ),
    begin=begin,
    finish=finish,
)
