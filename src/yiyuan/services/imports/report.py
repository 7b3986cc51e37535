"""What look and take tell: counts, sums, the catalog's changes and all that is left behind."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from yiyuan.integrations.importers.contract import Note, Shop
from yiyuan.services.imports.customers.money import target_of
from yiyuan.services.imports.customers.people import Taken
from yiyuan.services.imports.source import ReadShop

Json = dict[str, Any]


def summary(
    name: str, read: ReadShop, *, catalog: Json, taken: Taken | None = None, root: bool = False
) -> Json:
    """The report as one document; amounts in micros, and units as the source has them."""
    shop = read.shop
    document = {
        "name": name,
        "program": shop.program,
        "version": shop.version,
        "rate": read.rate,
        "proposed_rate": shop.proposed_rate,
        "micros_per_unit": _exact(read.micros_per_unit),
        "people": len(shop.people),
        "tokens": len(shop.tokens),
        "channels": len(shop.channels),
        "models": len(shop.models),
        "groups": len(shop.groups),
        "codes": len(shop.codes),
        "counted": dict(shop.counted),
        "balance": balances(shop, read.micros_per_unit, root=root),
        "catalog": catalog,
        "listed": dict(Counter(note.kind for note in shop.notes)),
        "notes": [note_document(note) for note in shop.notes],
    }
    if taken is not None:
        document["accounts"] = len(taken.rows)
    return document


def balances(shop: Shop, micros_per_unit: Fraction, *, root: bool) -> Json:
    """The money of all people: there, exactly, and here, each rounded up."""
    counted = [each for each in shop.people if root or each.role != "root"]
    positive = sum((each.units for each in counted if each.units > 0), Fraction(0))
    negative = sum((each.units for each in shop.people if each.units < 0), Fraction(0))
    left_out = sum((e.units for e in shop.people if e.role == "root" and not root), Fraction(0))
    return {
        "units": _exact(positive),
        "units_negative": _exact(negative),
        "units_of_root": _exact(left_out),
        "exact": _exact(positive * micros_per_unit),
        "micros": sum(target_of(each, micros_per_unit, root_balance=root) for each in counted),
    }


def note_document(note: Note) -> Json:
    """A note with its sentence, and what another language makes the sentence of."""
    document: Json = {
        "kind": note.kind,
        "subject": note.subject,
        "detail": note.detail,
        "template": note.template,
        "fields": dict(note.fields),
    }
    return {**document, "blocking": True} if note.is_blocking else document


def _exact(value: Fraction) -> int | str:
    """A whole number as one, anything else as a fraction: never a float."""
    return int(value) if value.denominator == 1 else str(value)


def by_kind(notes: Mapping[str, int]) -> list[tuple[str, int]]:
    """The kinds of notes, the most frequent first."""
    return sorted(notes.items(), key=lambda each: (-each[1], each[0]))
