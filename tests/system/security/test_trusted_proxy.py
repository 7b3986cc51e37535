"""Client addresses behind a real reverse proxy: believed from it, and from nobody else."""

import contextlib
import shutil
import subprocess

import pytest

from tests.support import wire
from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import free_port, running_gateway
from tests.support.waiting import wait_for

NGINX = """
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {origin};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for";
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx_before(origin: str, home):
    """A real nginx that passes everything on; yields its address."""
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("nginx is not installed: no real reverse proxy to test behind")
    home.mkdir()
    port = free_port()
    file = home / "nginx.conf"
    file.write_text(NGINX.format(home=home, port=port, origin=origin))
    process = subprocess.Popen(
        [binary, "-p", str(home), "-c", str(file), "-e", str(home / "error.log")],
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, (home / "error.log").read_text()
        with contextlib.suppress(OSError):
            return wire.call(address, "GET", "/healthz").status == 200
        return False

    try:
        wait_for(answers, what="nginx")
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def proxied(upstream, cli, tmp_path_factory):
    base = tmp_path_factory.mktemp("proxied")
    settings = {"YIYUAN_TRUSTED_PROXIES": "127.0.0.1/32,10.9.0.0/16"}
    with (
        running_gateway(base / "home", cli, main_catalog(upstream), **settings) as running,
        nginx_before(running.origin, base / "nginx") as address,
    ):
        yield running, address


def ask(address: str, customer, forwarded: str | None) -> wire.Answer:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    body = CHAT.body("gpt-4", "Hi", 1)
    return wire.call(address, "POST", CHAT.path, body, key=customer.key, headers=headers)


@pytest.mark.parametrize(
    ("forwarded", "is_allowed"),
    [
        (None, False),  # nginx says 127.0.0.1, which is a trusted proxy itself
        ("203.0.113.7", True),  # nginx adds 127.0.0.1 behind it
        ("203.0.113.7, 10.9.1.1", True),  # through a trusted second proxy
        ("203.0.113.7, 198.51.100.1", False),  # the rightmost untrusted one counts
        ("198.51.100.1, 203.0.113.7", True),
        ("garbage, 203.0.113.7", True),
        ("203.0.113.7, garbage", False),
        ("203.0.113.7:4711", True),
        ("", False),
    ],
)
def test_through_nginx(proxied, forwarded, is_allowed):
    gateway, address = proxied
    customer = gateway.customer(1_000_000_000, allow_ip="203.0.113.0/24")
    answer = ask(address, customer, forwarded)
    assert answer.status == (200 if is_allowed else 403), answer.body


def test_ipv6_clients(proxied):
    gateway, address = proxied
    customer = gateway.customer(1_000_000_000, allow_ip="2001:db8::/32")
    assert ask(address, customer, "2001:db8::1").status == 200
    assert ask(address, customer, "2001:db9::1").status == 403


def test_streams_come_through_unbuffered(proxied, upstream):
    gateway, address = proxied
    customer = gateway.customer()
    script = upstream.script({"gate_after": 2, "output_tokens": 4})
    body = {**CHAT.body("gpt-4", script.mark), "stream": True}
    with wire.EventStream(address, CHAT.path, body, key=customer.key, timeout=10) as stream:
        for _ in stream.events():
            if CHAT.stream_text(stream.seen).count("one") == 2:
                break
        script.open_gate()
        stream.rest()
    assert CHAT.is_complete(stream.seen)


def test_metrics_are_not_for_those_behind_the_proxy(proxied):
    gateway, address = proxied
    outside = wire.call(address, "GET", "/metrics", headers={"x-forwarded-for": "203.0.113.7"})
    assert outside.status in (401, 403, 404)
    assert wire.call(gateway.origin, "GET", "/metrics").status == 200


def test_without_a_trusted_proxy_nobody_is_believed(gateway):
    customer = gateway.customer(1_000_000_000, allow_ip="203.0.113.0/24")
    assert ask(gateway.origin, customer, "203.0.113.7").status == 403
