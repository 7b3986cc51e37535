"""The heavy clients: `make test-clients` alone runs what is in this folder."""

from tests.real_clients.fixtures import installed, own_home

__all__ = ["installed", "own_home"]
