"""`--set FIELD=VALUE` and secrets as one JSON object on standard input."""

import json
import sys
from collections.abc import Iterable

from yiyuan.services.shared.errors import ServiceError

_SECRETS_CHARACTERS_MAX = 65_536


def assigned(assignments: Iterable[str]) -> dict[str, str]:
    """Values by field. Raises ServiceError."""
    found = {}
    for assignment in assignments:
        field, equals, value = assignment.partition("=")
        if not equals:
            raise ServiceError("invalid_argument", "--set must be FIELD=VALUE")
        found[field.strip()] = value
    return found


def secrets_from_stdin() -> dict[str, str]:
    """What stands there. Raises ServiceError."""
    try:
        found = json.loads(sys.stdin.read(_SECRETS_CHARACTERS_MAX))
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise ServiceError("invalid_argument", "stdin must hold a JSON object of strings")
    return found
