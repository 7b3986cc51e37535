"""Microsoft Entra ID, of one tenant or of many.

The subject is tenant and object, `tid/oid`: `sub` differs from app to app, and an e-mail
address is whatever a tenant's administrator typed, so it is never taken as verified.
For many tenants the documents have `{tenantid}` in place of the tenant; a token's issuer
must be its own tenant's, and the key must be one that signs for that issuer.
Source: learn.microsoft.com, "Secure applications by validating claims", "ID token claims".
"""

import re
from dataclasses import replace
from typing import Any

from yiyuan.integrations.identity import contract, oauth, oidc

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY_TENANT = "{tenantid}"


def begin(settings: contract.Settings, start: contract.Start) -> contract.Steps[str]:
    """Discover, then send the browser off."""
    found = yield from _discover(settings)
    return oidc.begin_at(found, settings, start)


def finish(settings: contract.Settings, back: contract.Return) -> contract.Steps[contract.Profile]:
    """Code → id_token → person."""
    found = yield from _discover(settings)
    got = yield from oidc.redeem(found, settings, back)
    tenant, person = _guid(got.claims, "tid"), _guid(got.claims, "oid")
    oidc.check_issuer(found, back, got.claims, found.issuer.replace(_ANY_TENANT, tenant))
    if got.claims["iss"] != f"{settings['base_url'].rstrip('/')}/{tenant}/v2.0":
        raise contract.IdentityError("not_valid", "id_token: its tenant is not its issuer's")
    signs_for = got.key.get("issuer")
    if signs_for is not None and str(signs_for).replace(_ANY_TENANT, tenant) != got.claims["iss"]:
        raise contract.IdentityError("not_valid", "id_token: the key signs for another tenant")
    profile = oidc.profile_of(settings, got.claims, f"{tenant}/{person}")
    return replace(profile, is_email_verified=False)


def _discover(settings: contract.Settings) -> contract.Steps[oidc.Issuer]:
    """The document of a tenant; the issuer that it names has the tenant's id, or a place for it."""
    base = f"{settings['base_url'].rstrip('/')}/{settings['tenant']}/v2.0"
    url = f"{base}/.well-known/openid-configuration"
    document: dict[str, Any] = oauth.read_object(
        (yield oauth.get(url, max_age_seconds=oidc.KEEP_SECONDS)), "discovery"
    )
    before, after = f"{settings['base_url'].rstrip('/')}/", "/v2.0"
    issuer = document.get("issuer")
    tenant = ""
    if isinstance(issuer, str) and issuer.startswith(before) and issuer.endswith(after):
        tenant = issuer[len(before) : -len(after)]
    if tenant != _ANY_TENANT and not _GUID.fullmatch(tenant):
        raise contract.IdentityError("misconfigured", "discovery: the issuer is not Microsoft's")
    found = yield from oidc.discover_issuer(base, str(issuer))
    return found


def _guid(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise contract.IdentityError(
            "not_valid", f"id_token: {name} is missing or is no identifier"
        )
    return value


PROVIDER = contract.IdentityProvider(
    name="microsoft",
    title=contract.Words("Microsoft", "Microsoft"),
    fields=(
        contract.Field(
            "tenant",
            contract.Words("Tenant", "租户"),
            contract.Words(
                "Its id or domain; organizations for all companies, common for everybody.",
                "租户 ID 或域名；organizations 表示所有企业，common 表示所有人。",
            ),
            is_required=True,
        ),
        oauth.CLIENT_ID,
        oauth.CLIENT_SECRET,
        oidc.SCOPE,
        oidc.ROLE_CLAIM,
        oauth.base_url_field("https://login.microsoftonline.com"),
    ),
    begin=begin,
    finish=finish,
)
