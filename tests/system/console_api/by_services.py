"""A person who signs in by another service: off to it, and back from it."""

import json

from tests.support.identity.partner import CLIENT_SECRET, Partner
from tests.system.console_api.person import Person


def add(shop, name: str, partner: Partner, **more: str):
    """Set a service up by the command line."""
    fields = {k: v for k, v in partner.settings.items() if k != "client_secret"} | more
    flags = [part for field, value in fields.items() for part in ("--set", f"{field}={value}")]
    secrets = json.dumps({"client_secret": CLIENT_SECRET})
    return shop.cli(
        "identity", "add", name, "--preset", partner.preset, *flags, "--secrets-stdin",
        stdin=secrets,
    )  # fmt: skip


def went_away(person: Person, name: str, return_to: str = "/console/usage") -> str:
    answer = person.ask("GET", f"/api/sign-in/{name}?return_to={return_to}")
    assert answer.status_code == 303, answer.text
    assert "yiyuan_flow" in person.http.cookies
    return answer.headers["location"]


def came_back(person: Person, name: str, back: dict[str, str], **headers: str):
    query = "&".join(f"{key}={value}" for key, value in back.items())
    return person.ask("GET", f"/api/sign-in/{name}/callback?{query}", **headers)


def signs_in(person: Person, name: str, partner: Partner, return_to: str = "/console/usage"):
    return came_back(person, name, partner.approve(went_away(person, name, return_to)))


def continued(person: Person, status: int = 200, **given):
    return person.call("POST", "/api/sign-in/continue", given, status=status)
