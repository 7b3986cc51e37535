"""What several methods check in what their operator has filled in. All raise MethodError."""

from collections.abc import Callable
from urllib.parse import urlsplit

from yiyuan.integrations.payments import rsa
from yiyuan.integrations.payments.values import Config, Field, MethodError, Words


def own_address(address: str) -> Field:
    """The field of a provider's address, which only tests and sandboxes change."""
    title, help_text = Words("API address", "接口地址"), Words("Leave as it is.", "一般不用改。")
    return Field("base_url", title, help_text, is_required=False, default=address)


def check_address(address: str) -> None:
    """An address that paths can be appended to."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        raise MethodError("base_url", "must be an address that begins with https://")


def check_private_key(config: Config, name: str) -> None:
    """The RSA key that a field holds, ours."""
    _check_key(config, name, rsa.private_key)


def check_public_key(config: Config, name: str) -> None:
    """The RSA key that a field holds, the provider's."""
    _check_key(config, name, rsa.public_key)


def _check_key(config: Config, name: str, read: Callable[[str], object]) -> None:
    try:
        read(config[name])
    except ValueError as error:
        raise MethodError(name, str(error)) from None
