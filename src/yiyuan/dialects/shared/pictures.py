"""Inline pictures in their one right form: the type as registered, base64 as it should be.

Vendors refuse `image/jpg`, upper case and line ends in base64, and a type that is not
the picture's own; clients send all of that.
"""

_WHITE = ("\n", "\r", " ", "\t")
_TYPES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-webp": "image/webp",
}
_BEGINNINGS = {
    "/9j/": "image/jpeg",
    "iVBORw0KGgo": "image/png",
    "R0lGODdh": "image/gif",
    "R0lGODlh": "image/gif",
}
"""What the base64 of a picture begins with."""
_VAGUE = ("", "application/octet-stream", "binary/octet-stream", "image/*", "image")


def media_type(told: str, data: str = "") -> str:
    """The registered type: what `data` (base64) begins with knows better than what was told."""
    plain = told.partition(";")[0].strip().lower()
    if plain in _VAGUE or plain.startswith("image/"):
        for beginning, kind in _BEGINNINGS.items():
            if data.startswith(beginning):
                return kind
        if data.startswith("UklGR") and data.startswith("XRUJQ", 11):
            return "image/webp"
    return _TYPES.get(plain, plain)


def plain_base64(data: str) -> str:
    """Base64 without white space, in the usual alphabet; costs a search where it is so already."""
    if any(white in data for white in _WHITE):
        data = "".join(data.split())
    if "-" in data or "_" in data:
        data = data.replace("-", "+").replace("_", "/")
    return data


def split_data_url(url: str) -> tuple[str, str] | None:
    """Type and base64 of a data URL, in their right form; None for any other address."""
    if url[:5].lower() != "data:":
        return None
    head, comma, data = url[5:].partition(",")
    if not comma or not head.rstrip().lower().endswith(";base64"):
        return None
    data = plain_base64(data)
    return media_type(head, data), data


def data_url(kind: str | None, data: str | None) -> str:
    """A picture as one address."""
    return f"data:{kind};base64,{data}"
