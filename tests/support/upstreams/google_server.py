"""Google's Gemini API and Vertex AI, scripted and strict.

It checks what the vendor checks: the path, the credential, that a turn's answers
stand together, that the first call of a step has its signature, that nobody sends
a thinking level and a budget at once. Tokens are words. On Vertex it verifies the
service account's assertion with the account's public key and hands out a token.
"""

import base64
import json
import re
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.support.upstreams.serving import Answered, Asked, Handle, Json
from tests.support.upstreams.vendor_server import messages

TEXT = "all is well"
THOUGHT = "thinking it over"
CACHED = 3
VERSIONS = ("vertex-2023-10-16", "2026-10-21")
"""Google's documentation has the first, Anthropic's SDK of today sends the second."""
SKIP = "skip_thought_signature_validator"
_CALL = re.compile(
    r"(?P<base>.*)/models/(?P<model>[^/:]+):(?P<verb>[A-Za-z]+)$",
)


class Refused(Exception):
    """A 400 in Google's form."""


def error(code: int, status: str, message: str, *details: Json) -> Answered:
    body = {"error": {"code": code, "message": message, "status": status, "details": [*details]}}
    return Answered(code, body)


def gemini(*, key: str = "upkey-google", bases: tuple[str, ...] = ("/v1beta", "/v1")) -> Handle:
    """The Gemini API with one good key."""

    def handle(asked: Asked) -> Answered:
        if asked.headers.get("x-goog-api-key") != key:
            info = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }
            return error(400, "INVALID_ARGUMENT", "API key not valid.", info)
        return answer(asked, bases)

    return handle


def answer(asked: Asked, bases: tuple[str, ...]) -> Answered:
    found = _CALL.match(asked.path)
    if found is None or found["base"] not in bases:
        return error(404, "NOT_FOUND", f"no {asked.path}")
    try:
        match found["verb"]:
            case "generateContent":
                return Answered(200, _generate(_body(asked), found["model"])[-1])
            case "streamGenerateContent":
                events = _stream(_body(asked), found["model"])
                if asked.query.get("alt") == "sse":
                    return Answered(200, events=events)
                return Answered(200, events)
            case "countTokens":
                return Answered(200, {"totalTokens": words(asked.body)})
            case "embedContent":
                return Answered(200, {"embedding": {"values": [0.25, 0.5]}})
            case "batchEmbedContents":
                requests = asked.body["requests"]
                if any(r["model"] != f"models/{found['model']}" for r in requests):
                    raise Refused("model in a request differs from the address")
                return Answered(200, {"embeddings": [{"values": [0.25, 0.5]} for _ in requests]})
    except Refused as refused:
        return error(400, "INVALID_ARGUMENT", str(refused))
    return error(404, "NOT_FOUND", f"no {found['verb']}")


def _body(asked: Asked) -> Json:
    """The body in one spelling: Google takes snake_case too, and its SDK sends it."""
    return _spelled(asked.body)


def _spelled(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if not isinstance(value, dict):
        return value
    free = ("args", "response", "parametersJsonSchema", "parameters_json_schema")
    return {
        re.sub("_([a-z])", lambda m: m[1].upper(), name): item if name in free else _spelled(item)
        for name, item in value.items()
    }


def words(value: Any) -> int:
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, list):
        return sum(words(item) for item in value)
    if isinstance(value, dict):
        return sum(
            words(item) for name, item in value.items() if name not in ("thoughtSignature", "role")
        )
    return 0


def _check(body: Json, model: str) -> None:
    """What Google refuses."""
    thinking = body.get("generationConfig", {}).get("thinkingConfig", {})
    if "thinkingLevel" in thinking and "thinkingBudget" in thinking:
        raise Refused("You can only set one of thinking budget and thinking level.")
    if set(body) & {"model", "stream"}:
        raise Refused("Unknown name: model, stream")
    contents = body["contents"]
    for content, following in zip(contents, [*contents[1:], None], strict=True):
        if content.get("role") not in ("user", "model"):
            raise Refused("Please use a valid role: user, model.")
        calls = [p["functionCall"] for p in content["parts"] if "functionCall" in p]
        if not calls:
            continue
        first = next(p for p in content["parts"] if "functionCall" in p)
        signature = first.get("thoughtSignature")
        if model.startswith("gemini-3") and signature not in (SKIP, sign(model)):
            raise Refused(f"Function call is missing a thought_signature: {signature}")
        answers = [
            p["functionResponse"]
            for p in (following or {}).get("parts", [])
            if "functionResponse" in p
        ]
        if [a["name"] for a in answers] != [c["name"] for c in calls]:
            raise Refused("number or order of function responses differs from the calls")


def sign(model: str) -> str:
    """The signature that this model makes and knows again."""
    return base64.b64encode(f"signed by {model}".encode()).decode()


def _parts(body: Json, model: str) -> list[Json]:
    _check(body, model)
    thinking = body.get("generationConfig", {}).get("thinkingConfig", {})
    parts: list[Json] = []
    if thinking.get("includeThoughts"):
        parts.append({"text": THOUGHT, "thought": True})
    tools = body.get("tools") or []
    functions = [f for tool in tools for f in tool.get("functionDeclarations", [])]
    mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode")
    turns = sum(any("functionResponse" in p for p in c["parts"]) for c in body["contents"])
    wanted = _wanted_turns(body)
    if functions and mode != "NONE" and turns < wanted:
        call = {"name": functions[0]["name"], "args": {"turn": turns}}
        parts.append({"functionCall": call, "thoughtSignature": sign(model)})
    else:
        parts.append({"text": TEXT})
    return parts


def _wanted_turns(body: Json) -> int:
    found = re.search(r"turns=(\d+)", json.dumps(body["contents"]))
    return int(found[1]) if found else 1


def _usage(body: Json, parts: list[Json]) -> Json:
    prompt = words(body["contents"]) + words(body.get("systemInstruction")) + CACHED
    thoughts = sum(words(p["text"]) for p in parts if p.get("thought"))
    said = sum(words(p.get("text")) for p in parts if not p.get("thought"))
    said += sum(5 for p in parts if "functionCall" in p)
    counts = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": CACHED,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": thoughts,
    }
    return counts | {"totalTokenCount": prompt + said + thoughts}


def _generate(body: Json, model: str) -> list[Json]:
    parts = _parts(body, model)
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    whole = {"candidates": [candidate], "usageMetadata": _usage(body, parts)}
    return [whole | {"modelVersion": model, "responseId": "up-1"}]


def _stream(body: Json, model: str) -> list[Json]:
    parts = _parts(body, model)
    usage = _usage(body, parts)
    events = []
    for place, part in enumerate(parts):
        candidate: Json = {"content": {"role": "model", "parts": [part]}, "index": 0}
        told = {k: v for k, v in usage.items() if k in ("promptTokenCount", "totalTokenCount")}
        if place == len(parts) - 1:
            candidate["finishReason"], told = "STOP", usage
        events.append({"candidates": [candidate], "usageMetadata": told, "modelVersion": model})
    return events


# --- Vertex ----------------------------------------------------------------------------


class Vertex:
    """Vertex AI with one service account; `tokens` is how many it gave out."""

    def __init__(self, project: str = "our-project", location: str = "global") -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.base = f"/v1/projects/{project}/locations/{location}"
        self.tokens = 0
        self.refuses = False
        self.origin = ""

    def secret(self) -> str:
        """The service account's JSON, whose token endpoint is this server."""
        pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        account = {
            "type": "service_account",
            "client_email": "gateway@our-project.iam.gserviceaccount.com",
            "private_key_id": "k1",
            "private_key": pem,
            "token_uri": f"{self.origin}/token",
            "project_id": "our-project",
        }
        return json.dumps(account, separators=(",", ":"))

    def handle(self, asked: Asked) -> Answered:
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer ya29.token-{self.tokens}":
            return error(401, "UNAUTHENTICATED", "Request had invalid credentials.")
        if "/publishers/anthropic/" in asked.path:
            return self._claude(asked)
        return answer(asked, (self.base + "/publishers/google",))

    def _token(self, asked: Asked) -> Answered:
        form = dict(pair.split("=", 1) for pair in asked.raw.decode().split("&"))
        if self.refuses:
            return Answered(400, {"error": "invalid_grant"})
        assertion = form["assertion"]
        signed, _, signature = assertion.rpartition(".")
        try:
            self.key.public_key().verify(
                _decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return Answered(400, {"error": "invalid_grant"})
        claims = json.loads(_decode(signed.partition(".")[2]))
        assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
        assert claims["iss"] == "gateway@our-project.iam.gserviceaccount.com"
        assert claims["aud"] == "https://oauth2.googleapis.com/token"
        assert claims["iat"] <= time.time() + 60
        assert claims["exp"] - claims["iat"] == 3600
        self.tokens += 1
        token = f"ya29.token-{self.tokens}"
        return Answered(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _claude(self, asked: Asked) -> Answered:
        prefix = self.base + "/publishers/anthropic/models/"
        if not asked.path.startswith(prefix):
            return error(404, "NOT_FOUND", f"no {asked.path}")
        verb = asked.path.rpartition(":")[2]
        body = asked.body
        if body.get("anthropic_version") not in VERSIONS or "model" in body:
            return error(400, "INVALID_ARGUMENT", "anthropic_version is wrong, or model is there")
        if (verb == "streamRawPredict") != bool(body.get("stream")):
            return error(400, "INVALID_ARGUMENT", "the verb and stream do not agree")
        return messages(
            Asked(
                asked.method,
                asked.path,
                asked.query,
                asked.headers,
                json.dumps(body | {"model": "claude", "thinking": {"type": "disabled"}}).encode(),
            )
        )


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
