"""The light clients: they run in `make test`, too."""

from tests.clients.programs.fixtures import installed, own_home

__all__ = ["installed", "own_home"]
