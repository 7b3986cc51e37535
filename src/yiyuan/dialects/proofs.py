"""Proofs that a model made what is said to be its own: signatures, encrypted reasoning.

A proof verifies only with the family that made it; sent to another, it is an error
there. So it is carried with its family, and a writer sends it to its own alone.
Clients of other formats carry a proof as one string of theirs, marked as ours.
"""

from typing import NamedTuple

GOOGLE = "google"
VERTEX = "vertex"
_MARK = "yy1."


class Proof(NamedTuple):
    """What a family made: an opaque string that only it can read."""

    family: str
    value: str


def sealed(proof: Proof) -> str:
    """The proof as one string that a client of another format sends back verbatim."""
    return f"{_MARK}{proof.family}.{proof.value}"


def opened(text: str | None) -> Proof | None:
    """The proof in such a string; None when it is not one of ours."""
    if not text or not text.startswith(_MARK):
        return None
    family, dot, value = text.removeprefix(_MARK).partition(".")
    return Proof(family, value) if dot and family and value else None


def value_for(proof: Proof | None, family: str) -> str | None:
    """The proof's value where `family` made it."""
    return proof.value if proof is not None and proof.family == family else None
