"""Which addresses are one place."""

import pytest

from yiyuan.http.address_block import address_block


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "local"),
        ("unix", "local"),
        ("999.1.1.1", "local"),
    ],
)
def test_an_address_has_a_block(address: str, block: str) -> None:
    assert address_block(address) == block
