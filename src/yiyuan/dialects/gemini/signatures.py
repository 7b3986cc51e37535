"""`thoughtSignature`: Google's own as it is, others' proofs in ours, which goes round likewise.

Google's libraries hold it as bytes, so what stands there has to be base64.
"""

from base64 import b64encode, urlsafe_b64decode
from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.proofs import GOOGLE, Proof, opened, sealed

FIELD = "thoughtSignature"
SKIP_SIGNATURE = "skip_thought_signature_validator"
"""Google's own word for a call whose signature is not to be had."""
_BEGINNING = "eXkxL"
"""How our mark begins in base64."""


def read_signature(text: str | None) -> Proof | None:
    """The proof in a signature that a client sends back."""
    if not text:
        return None
    return _ours(text) or Proof(GOOGLE, text)


def _ours(text: str) -> Proof | None:
    if not text.startswith(_BEGINNING):
        return None
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return opened(urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode())
    except ValueError:
        return None


def write_signature(proof: Proof | None) -> Json:
    """The field that a client sends back with the call."""
    if proof is None:
        return {}
    is_own = proof.family == GOOGLE
    return {FIELD: proof.value if is_own else b64encode(sealed(proof).encode()).decode()}


def seal_parts(parts: list[Json], family: str) -> None:
    """Mark the signatures of an answer that passes as of `family`; empty: they are Google's."""
    for part in parts if family else ():
        value = part.get(FIELD)
        if type(value) is str and value and _ours(value) is None:
            part.update(write_signature(Proof(family, value)))


def own_content(content: Any, family: str, *, needs_one: bool) -> Any:
    """A client's content that passes, with what `family` signed as it did, without others'.

    Newer models want a signature at a step's first call (`needs_one`), or Google's word for none.
    """
    parts = content.get("parts") if type(content) is dict else None
    if type(parts) is not list or content.get("role") != "model":
        return content
    own, is_first = [], needs_one
    for part in parts:
        kept = _own_part(part, family)
        if is_first and type(kept) is dict and type(kept.get("functionCall")) is dict:
            kept, is_first = {FIELD: SKIP_SIGNATURE} | kept, False
        own.append(kept)
    return content if own == parts else content | {"parts": own}


def _own_part(part: Any, family: str) -> Any:
    value = part.get(FIELD) if type(part) is dict else None
    if type(value) is not str or value == SKIP_SIGNATURE:
        return part
    proof = read_signature(value)
    if proof is not None and proof.family == family:
        return part if value == proof.value else part | {FIELD: proof.value}
    return {name: held for name, held in part.items() if name != FIELD}
