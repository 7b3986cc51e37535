"""The file of a backup: which engine wrote it and which one reads it does not show.

gzip'd lines of JSON. The first is the header, then come, table by table, a line that
names the table and its columns and one array per row; the last line is the trailer:

    {"format":"yiyuan-backup","version":1,"schema":1,"created_at":…,"rows":{"accounts":2,…},…}
    {"secret_key":"…"}                        only if the header has "has_secret_key":true
    {"table":"accounts","columns":["id","name",…]}
    ["acct_1","alice",…]
    {"end":true,"rows":{"accounts":2,…},"sha256":"…"}

Bytes are `{"base64":"…"}`, integers have 64 bits. The trailer counts the rows of each
table and hashes every byte before itself, so a file that was cut or changed is told
from a whole one before a row of it is used. Both sides go line by line: memory does
not grow with the file.

Failure: BadBackup, with what is wrong. Writing raises OSError and leaves no file.
"""

import gzip
import hashlib
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Self, cast

import orjson

from yiyuan.i18n.message import Message, SaidError

FORMAT: Final = "yiyuan-backup"
FORMAT_VERSION: Final = 1
LINE_BYTES_MAX: Final = 256 * 1024 * 1024
_LEVEL = 3
_WRITE_BYTES = 256 * 1024
_GZIP = 31

Json = dict[str, Any]


class BadBackup(SaidError):
    """The file is no whole backup that this release understands; the text says why."""


class BackupWriter:
    """Writes one backup under a temporary name; `finish` gives it its own.

    Leaving the `with` without `finish` removes what was written.
    """

    def __init__(self, path: Path) -> None:
        """Make the temporary file (0600) beside `path`. Raises OSError."""
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}.partial")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file: BinaryIO = os.fdopen(os.open(self._draft, flags, 0o600), "wb")
        self._hash = hashlib.sha256()
        self._gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def line(self, document: Json) -> None:
        """Write the header, a secret, or the begin of a table."""
        self._write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))

    def rows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Write rows of the table that was begun last."""
        option = orjson.OPT_APPEND_NEWLINE
        lines = [orjson.dumps(tuple(row), default=_bytes_as_json, option=option) for row in rows]
        self._write(b"".join(lines))

    def finish(self, counts: dict[str, int]) -> int:
        """Write the trailer, bring everything to disk, and give the file its name.

        Returns its size in bytes.
        """
        self._flush()
        trailer = {"end": True, "rows": counts, "sha256": self._hash.hexdigest()}
        self._write(orjson.dumps(trailer, option=orjson.OPT_APPEND_NEWLINE))
        self._flush()
        self._file.write(self._gzip.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        size = self._file.tell()
        self._file.close()
        self._draft.rename(self._path)
        sync_directory(self._path.parent)
        return size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._file.closed:
            self._file.close()
            self._draft.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= _WRITE_BYTES:
            self._flush()

    def _flush(self) -> None:
        # In large pieces: hashing and compressing them lets other threads run.
        data = b"".join(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        self._hash.update(data)
        self._file.write(self._gzip.compress(data))


class Contents(NamedTuple):
    """What a whole backup says of itself."""

    header: Json
    counts: dict[str, int]
    secret_key: str | None

    @property
    def schema(self) -> int:
        """Number of the last migration that its rows have seen."""
        return int(self.header["schema"])


class TablePart(NamedTuple):
    """The begin of a table, or more rows of it (`rows`)."""

    table: str
    columns: tuple[str, ...]
    rows: list[list[Any]]


def inspect(path: Path) -> Contents:
    """Read the whole file and check that it is one: counts, hash, form. Raises BadBackup."""
    lines = _lines(path)
    first = next(lines, b"")
    header = _header(first)
    digest = hashlib.sha256(first)
    secret_key: str | None = None
    counts: dict[str, int] = {}
    table, last = "", b""
    for line in lines:
        digest.update(last)
        last = line
        if line[:1] == b"[":
            counts[table] = counts.get(table, 0) + 1
            continue
        document = _document(line)
        if "table" in document:
            table = str(document["table"])
            counts.setdefault(table, 0)
        elif "secret_key" in document:
            secret_key = str(document["secret_key"])
    trailer = _document(last) if last else {}
    if trailer.get("end") is not True:
        raise BadBackup("it ends before its end: the file is incomplete")
    if trailer.get("sha256") != digest.hexdigest():
        raise BadBackup("its content has changed since it was written: the checksum is another")
    if trailer.get("rows") != counts or header.get("rows") != counts:
        raise BadBackup("its tables do not have the rows that it counts")
    return Contents(header, counts, secret_key)


def parts(path: Path, rows_at_once: int) -> Iterator[TablePart]:
    """The tables of a file that was inspected, in pieces of so many rows. Raises BadBackup."""
    table, columns = "", tuple[str, ...]()
    rows: list[list[Any]] = []
    for line in _lines(path):
        if line[:1] == b"[":
            rows.append(_row(line))
            if len(rows) >= rows_at_once:
                yield TablePart(table, columns, rows)
                rows = []
            continue
        if rows:
            yield TablePart(table, columns, rows)
            rows = []
        document = _document(line)
        if "table" in document:
            table, columns = str(document["table"]), tuple(map(str, document["columns"]))


def sync_directory(path: Path) -> None:
    """Make new names in a directory survive a power loss."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(LINE_BYTES_MAX):
                yield line
    except EOFError:
        raise BadBackup("it ends in the middle: the file is incomplete") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        message = Message("it is damaged, or no backup ({error})", error=error)
        raise BadBackup(message) from None


def _header(line: bytes) -> Json:
    header = _document(line) if line[:1] == b"{" else {}
    if header.get("format") != FORMAT:
        raise BadBackup("it is no backup of this program")
    if header.get("version") != FORMAT_VERSION:
        message = Message(
            "its format is {found}, this release reads {known}",
            found=header.get("version"),
            known=FORMAT_VERSION,
        )
        raise BadBackup(message)
    if not isinstance(header.get("schema"), int):
        raise BadBackup("its header is incomplete")
    return header


def _document(line: bytes) -> Json:
    found = _parse(line)
    if not isinstance(found, dict):
        raise BadBackup("a line of it is not understood")
    return found


def _row(line: bytes) -> list[Any]:
    row = cast("list[Any]", _parse(line))
    if b'{"base64":' in line:
        row = [_json_as_bytes(value) if type(value) is dict else value for value in row]
    return row


def _parse(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise BadBackup("a line of it is not understood") from None


def _bytes_as_json(value: object) -> Json:
    if isinstance(value, bytes | memoryview):
        return {"base64": b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _json_as_bytes(value: Json) -> bytes:
    return b64decode(value["base64"], validate=True)
