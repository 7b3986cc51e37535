"""Which mailboxes are one, which domains a rule names, and who counts as one asker."""

import pytest

from yiyuan.services.mail.mailbox import block, canonical, client, is_domain_rule, is_listed


@pytest.mark.parametrize(
    ("spelling", "mailbox"),
    [
        ("a.b+c@gmail.com", "ab@gmail.com"),
        ("A.B@GoogleMail.com", "ab@gmail.com"),
        ("ab@gmail.com", "ab@gmail.com"),
        ("a.b+shop@corp.example", "a.b@corp.example"),
        ("A.B@Corp.Example.", "a.b@corp.example"),
        ("user@bücher.example", "user@xn--bcher-kva.example"),
        ("user@xn--bcher-kva.example", "user@xn--bcher-kva.example"),
        ("+only@corp.example", "+only@corp.example"),
    ],
)
def test_all_spellings_of_a_mailbox_are_one(spelling, mailbox) -> None:
    assert canonical(spelling) == mailbox


@pytest.mark.parametrize(
    ("email", "rule", "is_named"),
    [
        ("a@corp.example", "corp.example", True),
        ("a@CORP.example", "corp.example", True),
        ("a@evilcorp.example", "corp.example", False),
        ("a@mail.corp.example", "corp.example", False),
        ("a@mail.corp.example", "*.corp.example", True),
        ("a@corp.example", "*.corp.example", False),
        ("a@corp.example.evil.example", "*.corp.example", False),
        ("a@bücher.example", "xn--bcher-kva.example", True),
        ("a@x.bücher.example", "*.bücher.example", True),
        ("a@corp.example@evil.example", "corp.example", False),
    ],
)
def test_a_domain_is_compared_by_labels(email, rule, is_named) -> None:
    assert is_listed(email, [rule]) is is_named


@pytest.mark.parametrize("text", ["corp.example", "*.corp.example", "bücher.example"])
def test_a_rule_is_a_domain(text) -> None:
    assert is_domain_rule(text)


@pytest.mark.parametrize("text", ["", "*", "*.", "com", "a b.example", "a@b.example", "x..example"])
def test_anything_else_is_none(text) -> None:
    assert not is_domain_rule(text)


@pytest.mark.parametrize(
    ("address", "one", "neighbours"),
    [
        ("192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7/32", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/64"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_who_asks_is_an_address_or_a_network(address, one, neighbours) -> None:
    assert (client(address), block(address)) == (one, neighbours)
