"""The light clients: they run in `make test`, too."""

from tests.real_clients.fixtures import installed, own_home

__all__ = ["installed", "own_home"]
