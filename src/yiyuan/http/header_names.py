"""Header names as the other side writes them, in lower case."""

NAMES_MAX = 1024
NAME_BYTES_MAX = 64


class HeaderNames(dict[bytes, str]):
    """Names as they were written → lower case; kept, since everybody sends the same few."""

    def __missing__(self, raw: bytes) -> str:
        """Lower-case a name that was not seen before."""
        name = raw.decode("latin-1").lower()
        if len(raw) <= NAME_BYTES_MAX:
            if len(self) >= NAMES_MAX:
                self.clear()  # of odd ones: the usual ones are back at once
            self[raw] = name
        return name
