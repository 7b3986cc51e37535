"""Case 34: a backup that comes back on another host: what people can still sign in by."""

import contextlib

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.support.identity.openid import OpenIdProvider
from tests.support.passkey_device import PasskeyDevice
from tests.system.console_api.by_services import add, came_back, signs_in
from tests.system.console_api.person import PASSWORD, Person, invited

BEFORE, AFTER = "localhost", "moved.example"
EMAIL = "moves@mail.example"


def opened(request, cli, tmp_path, engine: str, host: str) -> Gateway:
    """A gateway that people know by this name; here it is reached by that of the machine."""
    environment = {"YIYUAN_ALLOWED_HOSTS": BEFORE}
    if engine == "postgres":
        environment["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    gateway = Gateway(tmp_path / f"{engine}-{host}", cli, **environment)
    gateway.origin = f"http://{BEFORE}:{gateway.port}"
    public = gateway.origin if host == BEFORE else f"https://{host}"
    gateway.environment["YIYUAN_PUBLIC_URL"] = public
    return gateway


@pytest.mark.parametrize(("engine", "other"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_34_passkeys_are_told_as_unusable_and_services_go_on(
    request, engine, other, upstream, cli, tmp_path
):
    with contextlib.ExitStack() as stack:
        corp = stack.enter_context(OpenIdProvider())
        old = stack.enter_context(opened(request, cli, tmp_path, engine, BEFORE))
        new = stack.enter_context(opened(request, cli, tmp_path, other, AFTER))
        old.start()
        old.apply(main_catalog(upstream))
        device = lives_here(old, corp)
        old.cli("backup", str(tmp_path / "saved.gz"))
        old.stop()

        new.cli("restore", str(tmp_path / "saved.gz"))
        new.start()
        person = Person(new)
        asked = {"email": EMAIL, "password": PASSWORD}
        person.call("POST", "/api/session", asked)
        (passkey,) = person.call("GET", "/api/me/passkeys")["items"]
        assert not passkey["works_here"]
        browser = Person(new)
        options = browser.call("POST", "/api/session/passkey/start")["options"]
        assert options["rpId"] == AFTER
        answer = {"credential": device.get(options)}
        assert browser.refused("POST", "/api/session/passkey", answer) == "wrong_credentials"

        by_service = Person(new)
        assert signs_in(by_service, "corp", corp).headers["location"] == "/console/usage"
        assert by_service.call("GET", "/api/session")["user"]["email"] == EMAIL
        options = by_service.call("POST", "/api/me/passkeys/start")["options"]
        here = PasskeyDevice(origin=f"https://{AFTER}", host=AFTER)
        made = {"credential": here.create(options), "name": "Here"}
        assert by_service.call("POST", "/api/me/passkeys", made)["works_here"]
        new.settle_down()


def lives_here(shop, corp) -> PasskeyDevice:
    """Somebody with a passkey and a connected service; the device."""
    add(shop, "corp", corp)
    account = shop.cli("account", "create", "moves")["id"]
    person = invited(shop, account, EMAIL)
    corp.claims = {"sub": "moves", "email": EMAIL}
    back = corp.approve(person.call("POST", "/api/me/identities/corp", {})["url"])
    assert came_back(person, "corp", back).status_code == 303
    device = PasskeyDevice(origin=shop.origin, host=BEFORE)
    options = person.call("POST", "/api/me/passkeys/start")["options"]
    made = {"credential": device.create(options), "name": "Laptop"}
    assert person.call("POST", "/api/me/passkeys", made)["works_here"]
    return device
