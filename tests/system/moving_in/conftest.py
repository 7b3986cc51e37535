"""Real old shops, taken over by the command line, with their customers buying here."""

import contextlib
import shutil
import sqlite3

import pytest

from tests.support import wire
from tests.support.gateway_process import Gateway
from tests.support.old_gateways import OldGateway, old_gateway
from tests.system.console_api.person import Person

RATE = "7.5"


class MovedShop:
    """One old gateway's shop in a home of its own, its channels led to our upstream."""

    def __init__(self, old: OldGateway, gateway: Gateway, folder, origin: str) -> None:
        self.old, self.gateway = old, gateway
        self.name = old.label
        self.place = folder / "old.db"
        shutil.copy(old.database, self.place)
        self.place.chmod(0o600)
        with contextlib.closing(sqlite3.connect(self.place)) as database, database:
            database.execute(
                """UPDATE channels SET base_url = ? WHERE base_url LIKE 'http://127.0.0.1:%'
                   AND base_url NOT LIKE '%/v1/chat/completions'""",
                (origin,),
            )

    def call(self, act, *more):
        """One act of the command."""
        if act not in ("look", "take"):
            return self.gateway.cli("import", act, self.name, *more)
        answers = [
            word for option, path in self.old.answers.items() for word in (f"--{option}", str(path))
        ]
        return self.gateway.cli(
            "import", act, self.old.kind, str(self.place), "--name", self.name, "--rate", RATE,
            *answers, *more,
        )  # fmt: skip

    def password(self, name):
        """The known password of a user."""
        return next(u["password"] for u in self.old.expected["users"] if u["username"] == name)

    def key(self, name):
        """The key of a token, as its owner always sent it."""
        found = next(t["key"] for t in self.old.expected["tokens"] if t["name"] == name)
        return f"sk-{found}"


@pytest.fixture(scope="module", params=["new-api-2025", "new-api-2026", "one-api", "one-hub"])
def moved(request, tmp_path_factory, cli, upstream):
    """Looked at, taken, checked and opened, and serving."""
    old = old_gateway(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    with Gateway(folder / "home", cli) as gateway:
        shop = MovedShop(old, gateway, folder, upstream.origin)
        shop.looked = shop.call("look")
        shop.taken = shop.call("take")
        shop.checked = shop.call("check")
        gateway.start()
        shop.locked = locked_answers(shop)
        shop.opened = shop.call("open")
        yield shop
        assert gateway.cli("ledger", "verify")["ok"]


def locked_answers(shop):
    """What a key and a sign-in answer before the shop is open."""
    return {
        "key": wire.call(
            shop.gateway.origin,
            "POST",
            "/v1/chat/completions",
            {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
            key=shop.key("spend-zhao-u"),
        ),
        "session": sign_in(shop.gateway, "zhao", shop.password("zhao")),
    }


def sign_in(gateway, name, password):
    """The answer to a sign-in."""
    return Person(gateway).ask("POST", "/api/session", {"email": name, "password": password})
