"""Unsigned answers over the open network without TLS: only where the operator says so."""

import pytest

from yiyuan.integrations.payments.epay.md5 import METHOD as MD5
from yiyuan.integrations.payments.epay.wire import is_plain
from yiyuan.integrations.payments.values import Config, MethodError

VALUES = {"pid": "1001", "unproven_max": "200", "notify_networks": "", "types": "alipay"}


def check(base_url: str, **more: str) -> None:
    """Check an instance of version 1 with this address."""
    MD5.check(Config({**VALUES, "base_url": base_url, **more}, {"key": "k" * 16}))


@pytest.mark.parametrize(
    "address",
    [
        *("https://pay.example.com/", "http://127.0.0.1:8000", "http://[::1]:80/", "http://epay/"),
        *("http://10.1.2.3/", "http://192.168.1.9:81/", "http://pay.lan/", "http://localhost:1/"),
    ],
)
def test_tls_and_ones_own_networks_need_no_word(address):
    assert not is_plain(address)
    check(address)


@pytest.mark.parametrize(
    "address", ["http://pay.example.com/", "http://8.8.8.8/", "http://[2606::1]/"]
)
def test_the_open_network_is_refused_unless_it_is_said(address):
    assert is_plain(address)
    with pytest.raises(MethodError) as refused:
        check(address)
    assert refused.value.field == "base_url"
    check(address, plain_http="yes")
