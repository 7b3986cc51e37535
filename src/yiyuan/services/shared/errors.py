"""How a use-case says no: one exception with a stable code and a sentence.

The codes are part of what scripts may rely on: `already_exists`, `bad_backup`,
`books_disagree`, `file_unusable`, `home_locked`, `idempotency_mismatch`,
`insufficient_balance`, `internal_error`, `invalid_argument`, `invalid_catalog`,
`not_empty`, `not_found`, `secret_key_mismatch`, `server_stopped`,
`unavailable`, `usage`.
"""

from yiyuan.i18n.message import Message, SaidError


class ServiceError(SaidError):
    """The command was refused and changed nothing, unless `message` says otherwise."""

    def __init__(self, code: str, message: str | Message) -> None:
        """`code` is for programs and stays the same; `message` is for people."""
        super().__init__(message)
        self.code = code
        self.message = str(message)


class TryLater(ServiceError):
    """Refused for now: the same may be asked again later."""

    def __init__(self, code: str, message: str | Message, wait_seconds: int) -> None:
        """`wait_seconds` is what `Retry-After` says."""
        super().__init__(code, message)
        self.wait_seconds = wait_seconds
