"""Azure OpenAI, scripted: the classic addresses, the v1 surface, and Entra ID's token endpoint."""

import re
from urllib.parse import parse_qs

from tests.support.upstreams.serving import Answered, Asked, Handle
from tests.support.upstreams.vendor_server import TEXT, words

TENANT = "our-tenant"
CLIENT = "00000000-0000-4000-8000-000000000001"
PASSWORD = "upkey-entra-password"
TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.c2ln"
_CLASSIC = re.compile(r"/openai/deployments/([^/]+)/chat/completions$")


def azure() -> Handle:
    """A resource with the deployment `our-gpt`, the key `upkey-azure` and one application."""

    def handle(asked: Asked) -> Answered:
        if asked.path == f"/{TENANT}/oauth2/v2.0/token":
            return _token(asked)
        if not _is_known(asked):
            return Answered(401, {"error": {"code": "401", "message": "Access denied"}})
        classic = _CLASSIC.match(asked.path)
        if classic is not None and asked.query.get("api-version") != "2024-10-21":
            return Answered(404, {"error": {"code": "404", "message": "Resource not found"}})
        if classic is None and asked.path != "/openai/v1/chat/completions":
            return Answered(404, {"error": {"code": "404", "message": "Resource not found"}})
        deployment = classic[1] if classic is not None else asked.body["model"]
        if deployment != "our-gpt":
            message = "The API deployment for this resource does not exist."
            return Answered(404, {"error": {"code": "DeploymentNotFound", "message": message}})
        if "forbidden" in str(asked.body["messages"]):
            error = {
                "code": "content_filter",
                "message": "The response was filtered",
                "status": 400,
            }
            return Answered(400, {"error": error})
        return _chat(asked)

    return handle


def _is_known(asked: Asked) -> bool:
    bearer = asked.headers.get("authorization")
    return asked.headers.get("api-key") == "upkey-azure" or bearer == f"Bearer {TOKEN}"


def _token(asked: Asked) -> Answered:
    form = {name: values[0] for name, values in parse_qs(asked.raw.decode()).items()}
    if form.get("client_id") != CLIENT or form.get("client_secret") != PASSWORD:
        return Answered(401, {"error": "invalid_client"})
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "https://cognitiveservices.azure.com/.default"
    return Answered(200, {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})


def _chat(asked: Asked) -> Answered:
    prompt, said = words(asked.body["messages"]), words(TEXT)
    usage = {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}
    head = {"id": "chatcmpl-up", "created": 1, "model": "gpt-5", "object": "chat.completion"}
    if not asked.body.get("stream"):
        message = {"role": "assistant", "content": TEXT}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        choice["content_filter_results"] = {"hate": {"filtered": False, "severity": "safe"}}
        return Answered(200, head | {"choices": [choice], "usage": usage})
    head["object"] = "chat.completion.chunk"
    filtered = [{"prompt_index": 0, "content_filter_results": {}}]
    events = [head | {"choices": [], "prompt_filter_results": filtered}]
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word + " "} for word in TEXT.split()]
    for delta in deltas:
        events.append(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events.append(head | {"choices": [last]})
    if (asked.body.get("stream_options") or {}).get("include_usage"):
        events.append(head | {"choices": [], "usage": usage})
    return Answered(200, events=events, done=True)
