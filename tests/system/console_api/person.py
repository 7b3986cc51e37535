"""A person at a browser, as the console's API sees one: cookies, origin, JSON."""

import contextlib
import re
import sqlite3
from typing import Any

import requests

from tests.support.gateway_process import Gateway
from tests.support.postgres_server import query
from tests.support.waiting import wait_for

PASSWORD = "correct horse battery"
TIMEOUT_SECONDS = 60


class Person:
    """One browser; signed in or not. `call` expects a status and returns the document."""

    def __init__(self, gateway: Gateway, bearer: str | None = None) -> None:
        """With a `bearer`, a script with a management key instead."""
        self.gateway = gateway
        self.http = requests.Session()
        self.http.trust_env = False
        if bearer is None:
            self.http.headers["origin"] = gateway.origin
            self.http.headers["sec-fetch-site"] = "same-origin"
        else:
            self.http.headers["authorization"] = f"Bearer {bearer}"
        self.account = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        """Whatever the answer is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            named.setdefault("content-type", "application/json")
        url = self.gateway.origin + path
        text = None if method == "GET" else requests.compat.json.dumps(body or {})
        return self.http.request(
            method, url, data=text, headers=named, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )

    def call(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str):
        """The answer's document."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> str:
        """The code of a refusal."""
        answer = self.ask(method, path, body, **headers)
        assert answer.status_code >= 400, (method, path, answer.text)
        document = answer.json()
        assert document["error"]["message"]
        assert document["request_id"]
        return document["error"]["code"]

    def entered(self, document: Any) -> "Person":
        """Remember the account that a session is about."""
        self.account = document["account"] or ""
        return self


def operator(gateway: Gateway, email: str, role: str = "owner") -> Person:
    """A new operator, signed in."""
    gateway.cli("operator", "create", "--email", email, "--role", role, stdin=PASSWORD)
    person = Person(gateway)
    credentials = {"email": email, "password": PASSWORD}
    return person.entered(person.call("POST", "/api/session", credentials))


def invited(gateway: Gateway, account: str, email: str) -> Person:
    """A new member of an account, signed in."""
    link = gateway.cli("account", "invite", account)["url"].partition("#")[2]
    person = Person(gateway)
    asked = {"link": link, "email": email, "password": PASSWORD}
    return person.entered(person.call("POST", "/api/join", asked))


def printed_link(gateway: Gateway) -> str:
    """The last set-up link's secret that a server printed, as soon as it has."""
    pattern = r"/console/setup#([\w-]+)"
    return wait_for(lambda: re.findall(pattern, gateway.said()), timeout=20, what="the link")[-1]


def written(gateway: Gateway, sql: str) -> None:
    """Change a row of a home whose server is stopped."""
    url = gateway.environment.get("YIYUAN_DATABASE_URL")
    if url is not None:
        query(url, sql)
        return
    with contextlib.closing(sqlite3.connect(gateway.home / "yiyuan.db")) as connection:
        connection.execute(sql)
        connection.commit()
