"""Leads the conversation that a sign-in service describes: sends its calls, keeps its documents.

Discovery documents and keys are kept as long as the service says that an older one will
do, a few hundred at most. What goes wrong on the way becomes an IdentityError.
"""

from collections import OrderedDict
from typing import Final, TypeVar

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.integrations.call import Answer
from yiyuan.integrations.identity.contract import ANSWER_BYTES_MAX, Fetch, IdentityError, Steps
from yiyuan.kernel.clock import Clock
from yiyuan.services.shared.outbound import send

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 10.0
CALLS_MAX: Final = 12
_KEPT_MAX = 200


class Conversations:
    """What leads them; one per process."""

    def __init__(self, client: Client, clock: Clock) -> None:
        """Keeps nothing yet."""
        self._client, self._clock = client, clock
        self._kept: OrderedDict[tuple[str, bool], tuple[float, Answer]] = OrderedDict()

    async def lead(self, steps: Steps[T], *, allow_private: bool) -> T:
        """Send what is asked for, until something comes of it. Raises IdentityError."""
        try:
            fetch = next(steps)
            for _ in range(CALLS_MAX):
                fetch = steps.send(await self._fetch(fetch, allow_private=allow_private))
        except StopIteration as done:
            value: T = done.value
            return value
        raise IdentityError("not_valid", "the service asks for more and more")

    async def _fetch(self, fetch: Fetch, *, allow_private: bool) -> Answer:
        key, now = (fetch.call.url, allow_private), self._clock.monotonic()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < fetch.max_age_seconds:
            return kept[1]
        try:
            answer = await send(
                self._client,
                fetch.call,
                allow_private=allow_private,
                timeout_seconds=TIMEOUT_SECONDS,
                bytes_max=ANSWER_BYTES_MAX,
            )
        except UpstreamFailure as failure:
            if failure.kind in ("too_large", "protocol"):
                raise IdentityError("not_valid", failure.detail) from None
            is_ours = failure.kind == "refused_address"
            raise IdentityError(
                "misconfigured" if is_ours else "unavailable", str(failure)
            ) from None
        if fetch.max_age_seconds and answer.status == 200:
            self._kept[key] = (now, answer)
            while len(self._kept) > _KEPT_MAX:
                self._kept.popitem(last=False)
        return answer
