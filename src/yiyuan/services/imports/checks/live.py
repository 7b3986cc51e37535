"""Asking the running old gateway for what its database does not hold: prices and options.

Root's access token goes to that address alone, and only what an importer needs is asked
for. A page of HTML, a refusal or an answer without end is told as what it is.
"""

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.i18n.message import Message
from yiyuan.integrations.call import Call
from yiyuan.integrations.importers.contract import Importer
from yiyuan.services.imports.settings import ANSWER_CHARACTERS_MAX, ImportSettings
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.outbound import send

TIMEOUT_SECONDS = 30.0


async def fetch_answers(importer: Importer, settings: ImportSettings) -> dict[str, str]:
    """The answers that were not given as files. Raises ServiceError."""
    client = Client()
    try:
        return {
            name: await _fetch(client, settings, path)
            for name, path in importer.answers.items()
            if name not in settings.answers
        }
    finally:
        client.close()


async def _fetch(client: Client, settings: ImportSettings, path: str) -> str:
    headers = [("accept", "application/json"), ("new-api-user", "1")]
    if settings.live_token:
        headers.append(("authorization", f"Bearer {settings.live_token}"))
    url = settings.live.rstrip("/") + path
    try:
        answer = await send(
            client,
            Call("GET", url, headers),
            allow_private=settings.allow_private,
            timeout_seconds=TIMEOUT_SECONDS,
            bytes_max=ANSWER_CHARACTERS_MAX,
        )
    except UpstreamFailure as error:
        message = Message(
            "the old gateway does not answer at {path}: {error}", path=path, error=error
        )
        raise ServiceError("live_failed", message) from None
    if answer.status in (401, 403):
        message = Message(
            "the old gateway refuses {path}: give root's access token on standard input", path=path
        )
        raise ServiceError("live_refused", message)
    text = answer.body.decode("utf-8", "replace")
    if answer.status != 200 or not text.lstrip().startswith(("{", "[")):
        message = Message(
            "the old gateway answers {status} without JSON at {path}",
            status=answer.status,
            path=path,
        )
        raise ServiceError("bad_answer", message)
    return text
