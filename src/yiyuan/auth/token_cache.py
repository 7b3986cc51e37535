"""API tokens by the hash of their key, cached.

With SQLite every change goes through this process, so a change empties the cache
at once and nothing has to expire. Unknown hashes are remembered too, so that a
flood of wrong keys costs one look-up each. Both sides are bounded; when one is
full it starts anew, which costs a look-up per token in use.
"""

from collections.abc import Awaitable, Callable

from yiyuan.auth.api_token import ApiToken

CACHED_MAX = 100_000
UNKNOWN_MAX = 10_000


class TokenCache:
    """Finds API tokens."""

    def __init__(self, load: Callable[[bytes, str], Awaitable[ApiToken | None]]) -> None:
        """`load` reads one token from the store by the hash of its key, and the key."""
        self._load = load
        self._found: dict[bytes, ApiToken] = {}
        self._unhindered: dict[bytes, ApiToken] = {}
        self._unknown: set[bytes] = set()
        self._version = 0
        self.known: Callable[[bytes], ApiToken | None] = self._unhindered.get
        """What is found at once by the hash of a key, if nothing of it has to be looked at."""

    async def find(self, key_hash: bytes, key: str = "") -> ApiToken | None:
        """The token whose key has this hash, revoked and expired ones included."""
        found = self._found.get(key_hash)
        if found is not None:
            return found
        if key_hash in self._unknown:
            return None
        version = self._version
        loaded = await self._load(key_hash, key)
        if version == self._version:  # else it may be stale already
            self._remember(key_hash, loaded)
        return loaded

    def forget(self) -> None:
        """Read everything anew: something about tokens has changed."""
        self._version += 1
        self._found.clear()
        self._unhindered.clear()
        self._unknown.clear()

    def _remember(self, key_hash: bytes, loaded: ApiToken | None) -> None:
        if loaded is None:
            if len(self._unknown) >= UNKNOWN_MAX:
                self._unknown.clear()
            self._unknown.add(key_hash)
            return
        if len(self._found) >= CACHED_MAX:
            self._found.clear()
            self._unhindered.clear()
        self._found[key_hash] = loaded
        if loaded.is_unhindered:
            self._unhindered[key_hash] = loaded
