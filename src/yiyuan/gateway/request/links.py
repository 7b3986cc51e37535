"""The addresses that error texts point to."""

from dataclasses import dataclass


@dataclass(slots=True)
class Links:
    """Addresses that error texts point to."""

    console_url: str
    topup_url: str
    """Changes when the operator sets another place to pay."""
