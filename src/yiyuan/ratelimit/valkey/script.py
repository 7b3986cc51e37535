"""The calls of `window.lua`, packed for the wire, and what it answers.

The script is called by its hash, after `load` has sent it. All keys share one hash tag,
as a script's keys must where Valkey is a cluster of one shard.
"""

import hashlib
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import NamedTuple

from yiyuan.ratelimit.valkey.pipeline import Away
from yiyuan.ratelimit.valkey.resp import Reply, ReplyError, pack
from yiyuan.ratelimit.verdict import Reading
from yiyuan.ratelimit.window import Window

PREFIX = b"yiyuan:{limits}:"
SILENT_MS = 5_000
"""A replica that was silent for so long is not there any more."""

_EPOCH_KEY = PREFIX + b"epoch"
_REPLICAS_KEY = PREFIX + b"replicas"
_OTHER_EPOCH = -1


class OtherEpoch(Exception):
    """Valkey has lost what it counted."""


class Change(NamedTuple):
    """Something to count, or with a negative weight to take back, in one second."""

    key: str
    second: int
    """Of the server's clock, since 1970."""
    weight: int


class Greeting(NamedTuple):
    """What Valkey says of itself."""

    now_ms: int
    epoch: bytes
    replicas: int


class Script:
    """Packs calls. `epoch` is the one that the caller knows."""

    def __init__(self, now_ms: Callable[[], int] | None = None) -> None:
        """`now_ms` replaces the server's clock, in tests only."""
        text = (files(__package__) / "window.lua").read_bytes()
        self._hash = hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()
        self._now_ms = now_ms
        self.load = pack(b"SCRIPT", b"LOAD", text)
        self.epoch = b""

    def admit(self, windows: Sequence[Window]) -> bytes:
        """Count a request in all windows or none."""
        return self._ask(b"admit", windows)

    def peek(self, windows: Sequence[Window]) -> bytes:
        """Look at the windows."""
        return self._ask(b"peek", windows)

    def write(self, changes: Sequence[Change]) -> bytes:
        """Count and take back, whatever the limits."""
        keys: list[bytes] = []
        values: list[bytes] = []
        for key, second, weight in changes:
            keys.append(_window_key(key))
            values += (b"%d" % (second * 1000 + 999), b"%d" % weight)
        return self._pack(b"write", [_EPOCH_KEY, *keys], values)

    def greet(self, replica: bytes, new_epoch: bytes) -> bytes:
        """Say that this replica lives; an absent epoch becomes `new_epoch`."""
        values = [replica, new_epoch, b"%d" % SILENT_MS]
        return self._pack(b"greet", [_EPOCH_KEY, _REPLICAS_KEY], values)

    @staticmethod
    def leave(replica: bytes) -> bytes:
        """Say goodbye."""
        return pack(b"ZREM", _REPLICAS_KEY, replica)

    def _ask(self, operation: bytes, windows: Sequence[Window]) -> bytes:
        keys, values = [_EPOCH_KEY], list[bytes]()
        for window in windows:
            keys.append(_window_key(window.key))
            values.append(b"%d" % window.limit)
            values.append(b"%d" % window.weight)
        return self._pack(operation, keys, values)

    def _pack(self, operation: bytes, keys: list[bytes], values: list[bytes]) -> bytes:
        now = b"" if self._now_ms is None else b"%d" % self._now_ms()
        count = b"%d" % len(keys)
        return pack(b"EVALSHA", self._hash, count, *keys, operation, self.epoch, now, *values)


def is_unknown(reply: Reply) -> bool:
    """Whether the server has forgotten the script."""
    return isinstance(reply, ReplyError) and reply.code == "NOSCRIPT"


def numbers(reply: Reply) -> list[int]:
    """An answer of numbers. Raises Away, OtherEpoch."""
    if isinstance(reply, ReplyError):
        raise Away(f"it answers {reply}")
    if not isinstance(reply, list) or not reply:
        raise Away("it answers nonsense")
    if reply[0] == _OTHER_EPOCH:
        raise OtherEpoch
    return [int(item) for item in reply if isinstance(item, int)]


def greeting(reply: Reply) -> Greeting:
    """The answer to `greet`. Raises Away."""
    if isinstance(reply, ReplyError):
        raise Away(f"it answers {reply}")
    match reply:
        case [int() as now_ms, bytes() as epoch, int() as replicas]:
            return Greeting(now_ms, epoch, replicas)
    raise Away("it answers nonsense")


def readings(windows: Sequence[Window], answer: Sequence[int]) -> list[Reading]:
    """What a refusal or a peek says of each window."""
    return [
        Reading(max(0, window.limit - total), wait_ms / 1000, reset_ms / 1000)
        for window, total, wait_ms, reset_ms in zip(
            windows, answer[2::3], answer[3::3], answer[4::3], strict=True
        )
    ]


def _window_key(key: str) -> bytes:
    return PREFIX + b"window:" + key.encode("utf-8", "surrogatepass")
