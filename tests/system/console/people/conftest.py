"""A gateway with mail and a sign-in service of its own, seen by a real browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.support.identity.openid import OpenIdProvider
from tests.support.identity.partner import CLIENT_SECRET, Partner
from tests.support.mail_server import MailServer, mail_server
from tests.system.console.screen import Screen, go, settle
from tests.system.console.shop import PASSWORD, ask, fragment_of

OWNER = "ada@example.com"


@dataclass
class House:
    """The gateway, its mail server, and the company's own OpenID provider."""

    gateway: Gateway
    mail: MailServer
    corp: OpenIdProvider
    met: int = 0

    def set(self, **settings: object) -> None:
        for name, value in settings.items():
            self.gateway.cli("settings", "set", name, str(value))

    def add_service(self, name: str, partner: Partner, secret: str = CLIENT_SECRET, **more: str):
        """Set a service up on the machine, where it may be at a private address."""
        fields = {k: v for k, v in partner.settings.items() if k != "client_secret"} | more
        flags = [part for field, value in fields.items() for part in ("--set", f"{field}={value}")]
        given = json.dumps({"client_secret": secret})
        preset = ("--preset", partner.preset)
        return self.gateway.cli(
            "identity", "add", name, *preset, *flags, "--secrets-stdin", stdin=given
        )

    def owner(self, context):
        """Let this browser profile be an owner, proven just now."""
        gateway = self.gateway
        self.met += 1
        email = f"owner{self.met}@example.com"
        gateway.cli("operator", "create", "--email", email, "--role", "owner", stdin=PASSWORD)
        asked = {"email": email, "password": PASSWORD}
        ask(context, gateway.origin, "POST", "/api/session", asked)
        return context.new_page()

    def member(self, context, email: str = ""):
        """Let this browser profile be a new customer with an account of their own."""
        self.met += 1
        account = self.gateway.cli("account", "create", f"people-{self.met}")["id"]
        link = fragment_of(self.gateway.cli("account", "invite", account)["url"])
        email = email or f"member{self.met}@mail.example"
        asked = {"link": link, "email": email, "password": PASSWORD}
        ask(context, self.gateway.origin, "POST", "/api/join", asked)
        page = context.new_page()
        page.account, page.email = account, email
        return page

    def show(self, page, path: str, language: str = "en"):
        """A page of the console, with everything on it loaded."""
        go(page, self.gateway.origin, path, language)
        settle(page)
        return page


@pytest.fixture(scope="module")
def house(upstream, cli, tmp_path_factory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("people-pages") / "home"
    with mail_server() as mail, OpenIdProvider() as corp, Gateway(home, cli) as gateway:
        gateway.start()
        gateway.apply(main_catalog(upstream))
        running = House(gateway, mail, corp)
        running.set(**mail.settings)
        running.set(mails_per_hour=100_000, mails_per_client=100_000)
        gateway.cli("operator", "create", "--email", OWNER, "--role", "owner", stdin=PASSWORD)
        yield running


@pytest.fixture
def screen(browser, house):
    """Nothing foreign may have been asked but the company's own service, by a person's click."""
    with Screen(browser, house.gateway.origin) as opened:
        yield opened
        opened.foreign[:] = [u for u in opened.foreign if not u.startswith(house.corp.origin)]
        opened.check()
