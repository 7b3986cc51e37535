"""TLS to PostgreSQL and to Valkey or Redis: verified, and refused from a stranger.

The embedded servers of the other suites are built without TLS, so here it is the
machine's own PostgreSQL and Redis (Debian's packages, which `.ci/run` installs), each
with a certificate that the test has made. They take no unencrypted connection from the
network, so what is served has come through TLS.
"""

import json
import pathlib
import shutil
import tempfile

import pytest

from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway, free_port, running_gateway
from tests.support.postgres_server import NoPostgres, PostgresServer, query, system_binaries
from tests.support.valkey_process import running_valkey
from tests.support.waiting import wait_for
from tests.unit.http.client.certificates import authority_file, server_files

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def files():
    """A folder that every user may enter, with the certificates of two authorities."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="yy-tls-"))
    folder.chmod(0o755)
    authority_file(folder / "ours.pem")
    authority_file(folder / "stranger.pem", "a stranger")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def encrypted_postgres(files):
    """A server whose only way in over TCP is TLS; the certificate is for 127.0.0.1."""
    try:
        certificate, key = server_files(files, HOST)
        server = PostgresServer("ssl=off", binaries=system_binaries())
    except NoPostgres as reason:
        pytest.skip(str(reason))
    server.give(certificate, key)
    url = server.new_database()
    query(url, f"ALTER SYSTEM SET ssl_cert_file = '{certificate}'")
    query(url, f"ALTER SYSTEM SET ssl_key_file = '{key}'")
    query(url, "SELECT pg_reload_conf()")
    server.stop()
    access = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n"
    (server.folder / "data/pg_hba.conf").write_text(access)
    server.use("ssl=on")
    yield server, url
    server.close()


def with_options(url, **options):
    return url + "?" + "&".join(f"{name}={value}" for name, value in options.items())


def test_postgres_over_tls_is_verified_and_serves(
    encrypted_postgres, files, upstream, cli, tmp_path
):
    _, url = encrypted_postgres
    url = with_options(url, sslmode="verify-full", sslrootcert=files / "ours.pem")
    catalog = main_catalog(upstream)
    with running_gateway(tmp_path / "home", cli, catalog, YIYUAN_DATABASE_URL=url) as gateway:
        customer = gateway.customer()
        script = upstream.script({"output_tokens": 5})
        assert customer.post(CHAT.path, CHAT.body("gpt-4", script.mark, 9)).status == 200
        links = query(
            url,
            "SELECT ssl, count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
            "WHERE application_name = 'yiyuan' GROUP BY ssl",
        )
        assert [row["ssl"] for row in links] == [True]


@pytest.mark.parametrize(
    ("mode", "authority", "host", "says"),
    [
        ("verify-full", "stranger.pem", HOST, "CERTIFICATE_VERIFY_FAILED"),
        ("verify-ca", "stranger.pem", HOST, "CERTIFICATE_VERIFY_FAILED"),
        ("verify-full", "ours.pem", "localhost", "CERTIFICATE_VERIFY_FAILED"),
        ("verify-full", "missing.pem", HOST, "missing.pem"),
        ("disable", "ours.pem", HOST, "no encryption"),
    ],
)
def test_postgres_that_is_not_the_right_one_is_refused(
    encrypted_postgres, files, cli, tmp_path, mode, authority, host, says
):
    _, url = encrypted_postgres
    url = with_options(url.replace(HOST, host), sslmode=mode, sslrootcert=files / authority)
    with Gateway(tmp_path / "home", cli, YIYUAN_DATABASE_URL=url) as gateway:
        said = gateway.run("account", "list", "--json")
    assert said.code == 1
    assert said.stdout == ""
    error = json.loads(said.stderr.splitlines()[-1])["error"]
    assert error["code"] == "unavailable"
    assert says in error["message"], error


@pytest.fixture(scope="module")
def encrypted_redis(files):
    """A Redis; the URL of its TLS port."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        pytest.skip("no redis-server or valkey-server with TLS is installed")
    folder = pathlib.Path(tempfile.mkdtemp(dir=files))
    certificate, key = server_files(folder, HOST)
    port = free_port()
    flags = ("--tls-port", str(port), "--tls-auth-clients", "no")
    flags += ("--tls-cert-file", str(certificate), "--tls-key-file", str(key))
    flags += ("--tls-ca-cert-file", str(files / "ours.pem"))
    with running_valkey(*flags, binary=binary) as server:
        yield server, f"rediss://{HOST}:{port}/0"


def test_valkey_over_tls_is_verified_and_counts(encrypted_redis, files, upstream, cli, tmp_path):
    server, url = encrypted_redis
    url = with_options(url, ssl_ca_certs=files / "ours.pem")
    catalog = main_catalog(upstream)
    with running_gateway(tmp_path / "home", cli, catalog, YIYUAN_REDIS_URL=url) as gateway:
        wait_for(lambda: "yiyuan_limiter_backend_up 1.0" in gateway.metrics())
        customer = gateway.customer()
        body = CHAT.body("gpt-4", upstream.script({"output_tokens": 5}).mark, 9)
        assert customer.post(CHAT.path, body).status == 200
        with server.client as client:
            assert any(customer.id in name for name in client.scan_iter())
            # Both ways to it are there: the limiter's, and the one that hears of changes.
            assert wait_for(lambda: client.pubsub_numsub("yiyuan:changed")[0][1] == 1)
        checks = gateway.cli("doctor", "--offline")["checks"]
        assert next(check for check in checks if check["name"] == "valkey")["ok"]


@pytest.mark.parametrize(("authority", "host"), [("stranger.pem", HOST), ("ours.pem", "localhost")])
def test_valkey_that_is_not_the_right_one_is_told_nothing(
    encrypted_redis, files, upstream, cli, tmp_path, authority, host
):
    """Limits are kept by the process itself, as if it were away, and the reason is said."""
    server, url = encrypted_redis
    url = with_options(url.replace(HOST, host), ssl_ca_certs=files / authority)
    catalog = main_catalog(upstream)
    with server.client as client:
        client.flushall()
    with running_gateway(tmp_path / "home", cli, catalog, YIYUAN_REDIS_URL=url) as gateway:
        customer = gateway.customer()
        body = CHAT.body("gpt-4", upstream.script({"output_tokens": 5}).mark, 9)
        answer = customer.post(CHAT.path, body)
        assert answer.status == 200
        assert answer.headers["x-ratelimit-limit-requests"]
        assert "Valkey is away (cannot connect" in gateway.said()
        assert "CERTIFICATE_VERIFY_FAILED" in gateway.said()
        assert "yiyuan_limiter_backend_up 0.0" in gateway.metrics()
    with server.client as client:
        assert client.keys() == []
