"""What every scripted sign-in service has in common: a real server, codes, faults.

`approve` plays the person at the browser: it opens the address that we made, and gives
back what the service would send the browser back with. A code works once, for the
redirect address and the PKCE challenge that it was given out for.
"""

import base64
import hashlib
import json
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

CLIENT_ID = "client-1"
CLIENT_SECRET = "s3cret of ours/+="
Json = Any


@dataclass(slots=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(slots=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(slots=True)
class Granted:
    """What a code was given out for."""

    redirect_uri: str
    challenge: str
    nonce: str


class Partner:
    """A scripted service; subclasses answer paths."""

    preset = ""
    authorize_path = ""
    token_path = ""
    person_path = ""
    code_parameter = "code"
    has_pkce = True
    subject = ""
    """Whom an honest answer names."""

    def __init__(self) -> None:
        """Listen on a port of loopback; answers come from threads of this process."""
        self.faults: dict[str, Reply] = {}
        """By path: what is answered instead."""
        self.seen: list[Request] = []
        self.codes: dict[str, Granted] = {}
        self.person: dict[str, Any] = {}
        """Overrides of what is said about the person."""
        self.access_tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        """It runs already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    @property
    def settings(self) -> dict[str, str]:
        """What an operator sets to use this service."""
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "base_url": self.origin,
        }

    def answer(self, request: Request) -> Reply:
        """Answer a path of the service's own."""
        raise NotImplementedError

    def authorize(self, query: dict[str, str]) -> dict[str, str]:
        """A person agrees at once; what the browser is sent back with."""
        assert query["response_type"] == "code", query
        assert query[self.client_parameter] == CLIENT_ID, query
        assert len(query["state"]) >= 43, "a state of 256 bits"
        if self.has_pkce:
            assert query["code_challenge_method"] == "S256", query
            assert len(query["code_challenge"]) == 43, query
        code = secrets.token_urlsafe(16)
        self.codes[code] = Granted(
            query["redirect_uri"], query.get("code_challenge", ""), query.get("nonce", "")
        )
        return {self.code_parameter: code, "state": query["state"]}

    client_parameter = "client_id"

    def approve(self, address: str) -> dict[str, str]:
        """Open the address that the browser was sent to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.origin, address
        assert parts.path == self.authorize_path, address
        return self.authorize(dict(parse_qsl(parts.query, keep_blank_values=True)))

    def take(self, code: str, redirect_uri: str | None, verifier: str | None) -> Granted | None:
        """Redeem a code, once; None if it is not good."""
        granted = self.codes.pop(code, None)
        if granted is None:
            return None
        if redirect_uri is not None and redirect_uri != granted.redirect_uri:
            return None
        if granted.challenge:
            digest = hashlib.sha256((verifier or "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != granted.challenge:
                return None
        return granted

    def new_access_token(self) -> str:
        """One that `is_bearer` knows."""
        made = secrets.token_urlsafe(24)
        self.access_tokens.add(made)
        return made

    def is_bearer(self, request: Request) -> bool:
        """Whether the request carries an access token of ours."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and given in self.access_tokens

    def _reply(self, request: Request) -> Reply:
        self.seen.append(request)
        fault = self.faults.get(request.path)
        if fault is not None:
            return fault
        if request.path == self.authorize_path:
            redirect = request.query["redirect_uri"]
            back = "&".join(f"{k}={v}" for k, v in self.authorize(request.query).items())
            return Reply(302, None, {"location": f"{redirect}?{back}"}, b"")
        return self.answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        partner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

            def _do(self) -> None:
                parts = urlsplit(self.path)
                length = int(self.headers.get("content-length") or 0)
                request = Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                reply = partner._reply(request)
                body = reply.raw if reply.raw is not None else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in ({"content-type": "application/json"} | reply.headers).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST = _do  # noqa: N815 - the library's names

        return Handler
