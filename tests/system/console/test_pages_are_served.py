"""The console's document and assets over HTTP: policy, caching, compression, refusals."""

import gzip
import re

import pytest

from tests.support import wire

NONCE = re.compile(r"'nonce-([\w-]+)'")


@pytest.fixture
def document(gateway):
    answer = wire.call(gateway.origin, "GET", "/console")
    if answer.status == 503:
        pytest.skip("the console is not built")
    return answer


def test_every_address_is_the_document_under_a_strict_policy(gateway, document) -> None:
    for path in ("/console", "/console/", "/console/tokens", "/console/operator/accounts/acct_x"):
        answer = wire.call(gateway.origin, "GET", path)
        policy = answer.headers["content-security-policy"]
        nonce = NONCE.search(policy)[1]
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert nonce in answer.body.decode()
        assert "__NONCE__" not in answer.body.decode()


def test_a_nonce_is_used_once(gateway, document) -> None:
    policies = {
        wire.call(gateway.origin, "GET", "/console").headers["content-security-policy"]
        for _ in range(3)
    }
    assert len(policies) == 3


def test_an_asset_is_compressed_and_kept(gateway, document) -> None:
    script = re.search(r'src="(/console/assets/[^"]+\.js)"', document.body.decode())[1]
    plain = wire.call(gateway.origin, "GET", script)
    packed = wire.call(gateway.origin, "GET", script, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "immutable" in packed.headers["cache-control"]
    again = wire.call(
        gateway.origin,
        "GET",
        script,
        headers={"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]},
    )
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/nothing.js",
        "/console/assets/../index.html",
        "/console/assets/%2e%2e/manifest.json",
    ],
)
def test_only_assets_are_assets(gateway, path) -> None:
    assert wire.call(gateway.origin, "GET", path).status == 404


def test_pages_are_only_read(gateway) -> None:
    assert wire.call(gateway.origin, "POST", "/console", body=b"{}").status == 405


LINKED = re.compile(r'<link rel="(modulepreload|preload)"[^>]* href="([^"]+)">')


def linked(origin: str, path: str, **headers: str) -> list[str]:
    """What the document at an address lets the browser fetch at once."""
    answer = wire.call(origin, "GET", path, headers=headers)
    return [address for _, address in LINKED.findall(answer.body.decode())]


def test_the_document_names_what_its_page_needs(gateway, document) -> None:
    stranger = linked(gateway.origin, "/console/operator")
    assert any("/SignInPage-" in address for address in stranger)
    assert "/api/site" in stranger
    assert "/api/session" not in stranger, "which browsers would print in red"
    known = linked(gateway.origin, "/console/operator", cookie="yiyuan_session=x")
    assert any("/HomePage-" in address for address in known)
    assert {"/api/site", "/api/session", "/api/operator/home"} <= set(known)
    account = linked(gateway.origin, "/console/operator/accounts/a_1", cookie="yiyuan_session=x")
    assert any("/AccountPage-" in address for address in account)
    assert "/api/operator/home" not in account
    assets = {each for each in (*stranger, *known, *account) if each.startswith("/console/")}
    assert {wire.call(gateway.origin, "GET", each).status for each in assets} == {200}


def test_an_address_without_a_page_names_nothing(gateway, document) -> None:
    named = linked(gateway.origin, "/console/no-such-page", cookie="yiyuan_session=x")
    assert not [each for each in named if each.startswith("/api/")]
