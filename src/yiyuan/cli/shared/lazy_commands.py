"""The commands by name, each imported when it is used.

A file below `commands/` is a command: `commands/tokens/token.py` holds `token`. Whoever adds
a file adds a command, and `yiyuan account show` reads no other file than its own.
"""

import pkgutil
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from types import ModuleType

import click


class LazyCommands(MutableMapping[str, click.Command]):
    """What click looks commands up in."""

    def __init__(self, package: ModuleType) -> None:
        """The files of a package and of its folders, none of which is imported."""
        self._found: dict[str, click.Command] = {}
        self._places = dict(_places(package.__name__, list(package.__path__)))

    def __getitem__(self, name: str) -> click.Command:
        """The command; imports its file the first time."""
        if name not in self._found:
            place = self._places[name]
            self._found[name] = getattr(import_module(place), place.rpartition(".")[2])
        return self._found[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add one that has no file."""
        self._found[name], self._places[name] = command, ""

    def __delitem__(self, name: str) -> None:
        """Forget one."""
        del self._places[name]
        self._found.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(sorted(self._places))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)


def _places(package: str, path: list[str]) -> Iterator[tuple[str, str]]:
    """Names of commands and of their modules: `import_` is `import`, and `_` is a dash."""
    for entry in pkgutil.iter_modules(path):
        place = f"{package}.{entry.name}"
        if entry.ispkg:
            yield from _places(place, [f"{each}/{entry.name}" for each in path])
        else:
            yield entry.name.rstrip("_").replace("_", "-"), place
