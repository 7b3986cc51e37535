"""yiyuan (一元): a prepaid LLM gateway with a real ledger.

Rooms only look down; `docs/architecture.md` has the map. Every room's own
docstring says what lives there and what it may import.
"""

__version__ = "0.1.0"
