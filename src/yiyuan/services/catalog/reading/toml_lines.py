"""Where in a TOML text each value stands, so that an error can name its line.

`tomllib` checks the text and gives the values, but forgets the lines. This
module walks over a text that `tomllib` has already accepted, and only notes
where every table, key and array element begins. It judges nothing and must not
be given a text that is not TOML.
"""

import tomllib

Path = tuple[str | int, ...]

_SPACE = " \t\r\n"
_BARE_END = " \t\r\n,]}#=.["


def lines_of(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and array element of a valid TOML text."""
    return _Walk(text).run()


def nearest_line(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the closest thing around it that is written down."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Walk:
    """One pass over the text; `at` is the offset of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.elements: dict[Path, int] = {}
        self.counted = 0
        self.line = 1

    def run(self) -> dict[Path, int]:
        prefix: Path = ()
        self.skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)
            self.skip()
        return self.lines

    def note(self, path: Path) -> None:
        """Remember the current line for `path`; the first mention counts."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        self.lines.setdefault(path, self.line)

    def skip(self) -> None:
        """Pass over white space, line ends and comments."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in _SPACE:
                self.at += 1
            else:
                return

    def header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; an array's name stands for its last element."""
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        names = self.key()
        path: Path = ()
        for name in names[:-1]:
            path = self.last_element((*path, name))
        path = (*path, names[-1])
        if is_array:
            self.elements[path] = self.elements.get(path, -1) + 1
            path = (*path, self.elements[path])
        else:
            path = self.last_element(path)
        self.note(path)
        self.at += 2 if is_array else 1
        return path

    def last_element(self, path: Path) -> Path:
        return (*path, self.elements[path]) if path in self.elements else path

    def pair(self, prefix: Path) -> None:
        """Read `key = value`, dotted keys included."""
        start = self.at
        names = self.key()
        end, self.at = self.at, start
        for depth in range(1, len(names) + 1):
            self.note((*prefix, *names[:depth]))
        self.at = end
        self.at += 1
        self.skip()
        self.value((*prefix, *names))

    def key(self) -> list[str]:
        """Read a dotted key with its quoted and bare parts, up to what follows it."""
        names = []
        while True:
            self.skip()
            names.append(self.key_part())
            self.skip()
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def key_part(self) -> str:
        start = self.at
        if self.text[start] in ('"', "'"):
            self.string()
            return _unquoted(self.text[start : self.at])
        while self.at < len(self.text) and self.text[self.at] not in _BARE_END:
            self.at += 1
        return self.text[start : self.at]

    def value(self, path: Path) -> None:
        character = self.text[self.at]
        if character in ('"', "'"):
            self.string()
        elif character == "[":
            self.array(path)
        elif character == "{":
            self.inline_table(path)
        else:
            while self.at < len(self.text) and self.text[self.at] not in "\r\n,]}#":
                self.at += 1

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self.until("]"):
            self.note((*path, index))
            self.value((*path, index))
            index += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        while self.until("}"):
            self.pair(path)

    def until(self, end: str) -> bool:
        """Pass over separators; False, and past it, when `end` is next."""
        self.skip()
        while self.text.startswith(",", self.at):
            self.at += 1
            self.skip()
        if self.text[self.at] == end:
            self.at += 1
            return False
        return True

    def string(self) -> None:
        """Pass over a string of any of the four kinds."""
        quote = self.text[self.at]
        delimiter = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(delimiter)
        while not self.text.startswith(delimiter, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(delimiter)
        # A multi-line string may end in quotes of its own: """a"""" holds `a"`.
        while len(delimiter) == 3 and self.text.startswith(quote, self.at):
            self.at += 1


def _unquoted(literal: str) -> str:
    """The text of a quoted key."""
    (name,) = tomllib.loads(f"{literal}=0")
    return name
