"""Which `Host` names are answered, and by which of them loopback is believed."""

import socket

import pytest

from tests.support.gateway_process import Gateway
from tests.support.waiting import wait_for

DEFAULT = {
    "127.0.0.1": True,
    "127.0.0.1:8000": True,
    "localhost": True,
    "LOCALHOST:99": True,
    "[::1]:8000": True,
    "shop.localhost": True,
    "gateway.example": True,
    "GATEWAY.example.": True,
    "api.gateway.example:443": True,
    "evil.example": False,
    "gateway.example.evil.example": False,
    "evilgateway.example": False,
    "127.0.0.1.evil.example": False,
    "10.0.0.7": False,
    "169.254.169.254": False,
    "localhost.evil.example": False,
}
LISTED = {
    "one.example": True,
    "a.two.example": True,
    "two.example": False,
    "gateway.example": False,
}


def status(gateway: Gateway, path: str, host: str | None, *, method: str = "GET") -> int:
    """A request whose `Host` is what the test wants it to be."""
    version = "1.1" if host is not None else "1.0"
    line = f"host: {host}\r\n" if host is not None else ""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
        sock.sendall(f"{method} {path} HTTP/{version}\r\n{line}connection: close\r\n\r\n".encode())
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
    return int(answer.split()[1])


@pytest.fixture(scope="module")
def gateway(tmp_path_factory, cli):
    home = tmp_path_factory.mktemp("hosts") / "home"
    urls = {
        "YIYUAN_PUBLIC_URL": "https://gateway.example",
        "YIYUAN_API_URL": "https://api.gateway.example",
    }
    with Gateway(home, cli, **urls) as running:
        yield running.start()


@pytest.mark.parametrize("host", DEFAULT)
@pytest.mark.parametrize("path", ["/v1/models", "/api/site", "/console", "/docs/en/", "/"])
def test_a_host_is_answered_or_not(gateway, path, host):
    assert (status(gateway, path, host) != 421) is DEFAULT[host]


POSTED = {
    ("localhost", "/v1/chat/completions"): 401,
    ("evil.example", "/v1/chat/completions"): 421,
    ("evil.example", "/healthz"): 405,
    ("localhost", "/healthz"): 405,
    ("localhost", "/v1/nowhere"): 404,
    ("localhost", "/nowhere"): 404,
    ("gateway.example", "/v1/messages"): 401,
    ("evil.example", "/v1/messages"): 421,
}


def test_a_head_that_came_before_is_answered_as_at_first(gateway):
    """What is kept of one head says nothing of another, and the same of itself."""
    for _ in range(3):
        for (host, path), expected in POSTED.items():
            for body in ("{}", '{"model": "gpt-4"}'):
                head = (
                    f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n"
                    f"connection: close\r\n\r\n{body}"
                )
                with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
                    sock.sendall(head.encode())
                    answer = sock.recv(65536)
                assert int(answer.split()[1]) == expected, (host, path)


@pytest.mark.parametrize("host", ["10.1.2.3", "pod.cluster.local"])
def test_health_is_answered_by_any_name(gateway, host):
    assert status(gateway, "/healthz", host) == 200
    assert status(gateway, "/readyz", host) == 200


def test_a_request_that_names_no_host_is_answered(gateway):
    assert status(gateway, "/healthz", None) == 200
    assert status(gateway, "/api/site", None) == 200


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", 200), ("localhost", 200), ("gateway.example", 404), ("evil.example", 421)],
)
def test_metrics_without_a_bearer_need_a_loopback_name(gateway, host, expected):
    assert status(gateway, "/metrics", host) == expected


def test_a_list_replaces_the_default(tmp_path, cli):
    settings = {
        "YIYUAN_ALLOWED_HOSTS": "one.example, *.two.example",
        "YIYUAN_PUBLIC_URL": "https://gateway.example",
        "YIYUAN_METRICS_TOKEN": "m-secret",
    }
    with Gateway(tmp_path / "home", cli, **settings) as gateway:
        gateway.start()
        for host, is_answered in LISTED.items():
            assert (status(gateway, "/api/site", host) != 421) is is_answered, host
        assert status(gateway, "/metrics", "scraped.by.name") == 404, "the bearer decides"


def test_a_plain_start_writes_no_link_into_a_log(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        wait_for(lambda: "yiyuan operator link" in gateway.said(), timeout=20)
        assert "/console/setup#" not in gateway.said()


def test_doctor_speaks_of_a_proxy_that_is_not_trusted(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        if "YIYUAN_DATABASE_URL" in gateway.environment:
            pytest.skip("with PostgreSQL a command does not ask the server")
        gateway.start()
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as sock:
            sock.sendall(
                b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 1.2.3.4\r\n"
                b"connection: close\r\n\r\n"
            )
            sock.recv(65536)
        checks = {check["name"]: check for check in gateway.cli("doctor", "--offline")["checks"]}
        assert "127.0.0.1" in checks["server"]["detail"]
        assert "YIYUAN_TRUSTED_PROXIES" in checks["server"]["advice"]
        assert "user" in checks
