"""What is recognised by its key alone, and for how long."""

from ipaddress import ip_network

import pytest

from yiyuan.auth.api_token import ApiToken
from yiyuan.auth.token_cache import CACHED_MAX, TokenCache

KEY_HASH = b"h" * 32
PLAIN = {"id": "tok_1", "account_id": "acct_1", "name": "laptop"}
HINDERED = {
    "revoked": {"revoked_at": 1},
    "disabled": {"disabled_at": 1},
    "expired": {"expires_at_ms": 1},
    "to expire": {"expires_at_ms": 2**62},
    "bound to addresses": {"networks": (ip_network("10.0.0.0/8"),)},
    "bound to no address at all": {"networks": ()},
}


class Store:
    """What the cache reads from."""

    def __init__(self, api_token):
        self.api_token = api_token

    async def load(self, _key_hash, _key):
        return self.api_token


@pytest.fixture
def store():
    return Store(ApiToken(**PLAIN))


async def test_a_key_is_known_once_it_was_found(store):
    cache = TokenCache(store.load)
    assert cache.known(KEY_HASH) is None
    assert await cache.find(KEY_HASH) is cache.known(KEY_HASH) is store.api_token


@pytest.mark.parametrize("change", HINDERED.values(), ids=HINDERED)
async def test_what_has_to_be_looked_at_is_never_known(store, change):
    cache = TokenCache(store.load)
    store.api_token = ApiToken(**PLAIN, **change)
    assert await cache.find(KEY_HASH) is store.api_token
    assert cache.known(KEY_HASH) is None


@pytest.mark.parametrize("change", HINDERED.values(), ids=HINDERED)
async def test_a_change_is_followed_at_once(store, change):
    cache = TokenCache(store.load)
    known = cache.known  # as it is held by whoever asks for each request
    await cache.find(KEY_HASH)
    assert known(KEY_HASH) is not None
    store.api_token = ApiToken(**PLAIN, **change)
    cache.forget()
    assert known(KEY_HASH) is None
    await cache.find(KEY_HASH)
    assert known(KEY_HASH) is None


async def test_what_was_read_before_a_change_is_not_known_after_it(store):
    async def load(_key_hash, _key):
        cache.forget()  # the change comes while the token is read
        return store.api_token

    cache = TokenCache(load)
    assert await cache.find(KEY_HASH) is store.api_token
    assert cache.known(KEY_HASH) is None


async def test_no_more_is_kept_than_fits(store):
    cache = TokenCache(store.load)
    for number in range(CACHED_MAX + 1):
        await cache.find(number.to_bytes(32))
    assert cache.known((0).to_bytes(32)) is None
    assert cache.known(CACHED_MAX.to_bytes(32)) is store.api_token
