"""A gateway with mail, open to everybody, on each engine; and strangers at any address."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.support.identity.openid import OpenIdProvider
from tests.support.identity.services import GitHub
from tests.support.mail_server import MailServer, mail_server
from tests.system.console_api.by_services import add
from tests.system.console_api.person import PASSWORD, Person

ENGINES = ["sqlite", "postgres"]


class Stranger(Person):
    """A browser at an address of its own."""

    def __init__(self, gateway: Gateway, address: str) -> None:
        super().__init__(gateway)
        self.http.headers["x-forwarded-for"] = address


@dataclass
class House:
    """The gateway and its mail server."""

    gateway: Gateway
    mail: MailServer
    met: int = 0

    def stranger(self, address: str = "") -> Stranger:
        """Somebody who was never here, from a network of their own unless told otherwise."""
        self.met += 1
        return Stranger(self.gateway, address or f"100.{64 + self.met // 250}.{self.met % 250}.7")

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.gateway.cli("settings", "set", name, str(value))

    def person(self, email: str, *, address: str = "") -> Stranger:
        """Somebody who signed up by mail, signed in."""
        browser = self.stranger(address)
        kept = email.lower()
        before = len(self.mail.to(kept))
        browser.call("POST", "/api/sign-up/start", {"email": email})
        code = self.mail.wait_for(kept, before + 1).code
        asked = {"email": email, "code": code, "password": PASSWORD}
        return browser.entered(browser.call("POST", "/api/sign-up/finish", asked))

    def balance(self, email: str) -> int:
        found = self.gateway.rows(
            "SELECT a.posted FROM accounts a JOIN members m ON m.account_id = a.id"
            " JOIN users u ON u.id = m.user_id WHERE u.email = ?",
            email,
        )
        return sum(row["posted"] for row in found)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request) -> str:
    """Which database."""
    return request.param


@pytest.fixture(scope="module")
def house(engine, upstream, cli, request, tmp_path_factory) -> Iterator[House]:
    """Open sign-up with a gift; its ledger is verified at the end."""
    home = tmp_path_factory.mktemp(f"people-{engine}") / "home"
    environment = {"YIYUAN_TRUSTED_PROXIES": "127.0.0.1/32"}
    if engine == "postgres":
        server = request.getfixturevalue("postgres")
        environment["YIYUAN_DATABASE_URL"] = server.new_database()
    with mail_server() as mail, Gateway(home, cli, **environment) as gateway:
        gateway.start()
        gateway.apply(main_catalog(upstream))
        running = House(gateway, mail)
        running.set(**mail.settings)
        running.set(sign_up="open", sign_up_grant=5_000_000, mails_per_hour=100_000)
        running.set(gifts_per_day=100_000)
        yield running
        gateway.settle_down()
        gateway.stop()


@pytest.fixture(scope="module")
def shop(house):
    """Open to everybody, with a gift, on each engine."""
    return house.gateway


@pytest.fixture(scope="module")
def github(shop):
    with GitHub() as partner:
        add(shop, "github", partner, allows="sign_up")
        yield partner


@pytest.fixture(scope="module")
def corp(shop):
    with OpenIdProvider() as partner:
        add(shop, "corp", partner, allows="sign_up", role_claim="groups", roles="admins=finance")
        yield partner


@pytest.fixture
def honest(request):
    """A test begins with honest partners."""
    for name in ("github", "corp"):
        if name in request.fixturenames:
            partner = request.getfixturevalue(name)
            partner.person, partner.faults = {}, {}
    if "corp" in request.fixturenames:
        partner.claims, partner.mint = {}, None
