"""Which URLs and addresses a channel may lead to."""

from ipaddress import ip_address

import pytest

from yiyuan.http.client.address import Resolver, check_behind_proxy, parse_url, reach_of
from yiyuan.http.client.errors import UpstreamFailure


@pytest.mark.parametrize(
    ("text", "host", "port", "authority", "target"),
    [
        ("https://api.openai.com/v1/x", "api.openai.com", 443, "api.openai.com", "/v1/x"),
        ("HTTPS://API.OpenAI.com", "api.openai.com", 443, "api.openai.com", "/"),
        ("http://ollama:11434/v1?x=1", "ollama", 11434, "ollama:11434", "/v1?x=1"),
        ("http://a.example?x", "a.example", 80, "a.example", "/?x"),
        ("https://a.example.:443/", "a.example", 443, "a.example", "/"),
        ("http://[::1]:8080/v1", "::1", 8080, "[::1]:8080", "/v1"),
        ("https://例子.测试/v1", "xn--fsqu00a.xn--0zwm56d", 443, "xn--fsqu00a.xn--0zwm56d", "/v1"),
        ("http://my_service.example:80/", "my_service.example", 80, "my_service.example", "/"),
    ],
)
def test_urls_that_are_read(text, host, port, authority, target):
    url = parse_url(text)
    assert (url.host, url.port, url.authority, url.target) == (host, port, authority, target)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.openai.com/v1",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "https://user:secret@a.example/",
        "https://a.example@evil.example/",
        "https://a.example#@evil.example/",
        "https://a.example\\@evil.example/",
        "https://a.example/v1#x",
        "https://a.example/v 1",
        "https://a.example/v1\r\nx: y",
        "https://a.example\n/",
        "https://a%2eexample/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:٤٤٣/",
        "https://[fe80::1%25eth0]/",
        "https://[127.0.0.1]/",
        "https://a..example/",
        "https://" + "a" * 300 + ".example/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.01/",
        "http://256.0.0.1/",
        "http://1.2.3.4.5/",
        "http://a.0x1/",
    ],
)
def test_urls_that_are_refused(text):
    with pytest.raises(UpstreamFailure) as caught:
        parse_url(text)
    assert caught.value.kind == "refused_address"
    assert not caught.value.request_was_written
    assert "secret" not in str(caught.value)


def test_letters_that_look_like_digits_are_the_digits():
    wide = "127.0.0.1".translate({ord(c): ord(c) + 0xFEE0 for c in "0127."})
    assert parse_url(f"http://{wide}/").host == "127.0.0.1"


@pytest.mark.parametrize(
    ("reach", "addresses"),
    [
        ("public", "1.1.1.1 8.8.8.8 100.128.0.1 172.32.0.1 2606:4700::1111 64:ff9b::808:808"),
        ("public", "::ffff:1.1.1.1"),
        ("private", "127.0.0.1 127.255.255.254 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1"),
        ("private", "100.64.0.1 100.127.255.255 198.18.0.1 192.0.2.1 203.0.113.9"),
        ("private", "::1 fc00::1 fd12:3456::1 fec0::1 2001:db8::1 2002:808:808::1 2001:2::1"),
        ("private", "::ffff:127.0.0.1 ::ffff:10.1.2.3 64:ff9b::a00:1 64:ff9b:1::1 ::8.8.8.8"),
        ("forbidden", "169.254.169.254 169.254.0.23 100.100.100.200 100.96.0.96 168.63.129.16"),
        ("forbidden", "0.0.0.0 0.1.2.3 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255"),
        ("forbidden", ":: fe80::1 fe80::1%eth0 ff02::1 fd00:ec2::254 fd20:ce::254 192.0.0.192"),
        ("forbidden", "::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::1 ::169.254.1.1"),
        ("forbidden", "2001:0:4136:e378:8000:63bf:5601:5601"),  # Teredo for 169.254.169.254
    ],
)
def test_how_far_addresses_reach(reach, addresses):
    for text in addresses.split():
        assert (text, reach_of(ip_address(text))) == (text, reach)


def resolver(*answers):
    """A resolver that gives the next answer to each question; the last one stays."""
    left = list(answers)

    async def resolve(host, port):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Resolver(resolve)


async def test_every_address_of_a_name_is_judged():
    good = resolver(["1.1.1.1", "2606:4700::1111"])
    found = await good.addresses("a.example", 443, allow_private=False)
    assert found == ["1.1.1.1", "2606:4700::1111"]
    for bad in ("127.0.0.1", "10.0.0.1", "::ffff:192.168.0.1", "169.254.169.254", "fe80::1%2"):
        with pytest.raises(UpstreamFailure, match="refused_address"):
            await resolver(["1.1.1.1", bad]).addresses("a.example", 443, allow_private=False)


async def test_permission_for_private_addresses_is_none_for_metadata():
    assert await resolver(["10.0.0.1"]).addresses("a", 80, allow_private=True) == ["10.0.0.1"]
    for bad in ("169.254.169.254", "0.0.0.0", "fe80::1", "::ffff:169.254.169.254"):
        with pytest.raises(UpstreamFailure, match="refused_address"):
            await resolver([bad]).addresses("a", 80, allow_private=True)
        with pytest.raises(UpstreamFailure, match="refused_address"):
            await resolver().addresses(bad, 80, allow_private=True)


@pytest.mark.parametrize("answer", [[], ["not an address"], OSError("no such name")])
async def test_a_name_without_addresses(answer):
    with pytest.raises(UpstreamFailure) as caught:
        await resolver(answer).addresses("a.example", 443, allow_private=True)
    assert caught.value.kind == "dns"


def test_behind_a_proxy_literal_addresses_and_local_names_are_judged():
    check_behind_proxy("api.openai.com", allow_private=False)
    check_behind_proxy("8.8.8.8", allow_private=False)
    for private in ("localhost", "db", "db.internal", "x.local", "127.0.0.1", "10.0.0.1", "::1"):
        with pytest.raises(UpstreamFailure):
            check_behind_proxy(private, allow_private=False)
        check_behind_proxy(private, allow_private=True)
    for forbidden in ("169.254.169.254", "metadata.google.internal", "fe80::1"):
        with pytest.raises(UpstreamFailure):
            check_behind_proxy(forbidden, allow_private=True)
