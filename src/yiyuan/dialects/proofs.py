"""Proofs that a model made what is said to be its own: signatures, encrypted reasoning.

A proof verifies only with the family that made it; sent to another, it is an error
there. So it is carried with its family, and a writer sends it to its own alone.
Clients of other formats carry a proof as one string of theirs, marked as ours. Some
makers want the very words again that they signed, and many clients keep no reasoning:
for those the words go along in the string.
"""

from base64 import b64decode, urlsafe_b64encode
from typing import NamedTuple

ANTHROPIC = "anthropic"
GOOGLE = "google"
VERTEX = "vertex"
UNNAMED = "openai"
"""What an encrypted item is labelled with until the route that made it is known."""
SERIES = "blocks:"
"""How a value begins that holds whole blocks; one of a single block is base64, or like it."""
_MARK = "yy1."


class Proof(NamedTuple):
    """What a family made: an opaque string that only it can read."""

    family: str
    value: str
    text: str = ""
    """The words that it was made for, where they have to come back with it."""

    @property
    def is_series(self) -> bool:
        """Whether the value holds several blocks, or a hidden one, whole."""
        return self.value.startswith(SERIES)


def sealed(proof: Proof) -> str:
    """The proof as one string that a client of another format sends back verbatim."""
    words = f":{packed(proof.text)}" if proof.text else ""
    return f"{_MARK}{proof.family}{words}.{proof.value}"


def opened(text: str | None) -> Proof | None:
    """The proof in such a string; None when it is not one of ours."""
    if not text or not text.startswith(_MARK):
        return None
    head, dot, value = text.removeprefix(_MARK).partition(".")
    family, _, words = head.partition(":")
    said = unpacked(words)
    return Proof(family, value, said) if dot and family and value and said is not None else None


def value_for(proof: Proof | None, family: str) -> str | None:
    """The proof's value where `family` made it."""
    return proof.value if proof is not None and proof.family == family else None


def signed(signature: str | None) -> Proof | None:
    """The proof of reasoning that has this signature: one of ours, or Anthropic's own."""
    return (opened(signature) or Proof(ANTHROPIC, signature)) if signature else None


def marked(signature: str, family: str) -> str:
    """A signature marked as of `family`; as it is where either is empty, or marked already."""
    if not family or not signature or opened(signature) is not None:
        return signature
    return sealed(Proof(family, signature))


def packed(text: str) -> str:
    """A text in letters that any string may hold."""
    return urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def unpacked(letters: str) -> str | None:
    """The text again; None where it is none."""
    try:
        padded = letters.encode() + b"=" * (-len(letters) % 4)
        return b64decode(padded, b"-_", validate=True).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
