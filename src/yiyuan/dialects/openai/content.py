"""What OpenAI writes as a string or a list: a message's content, and a call's inputs."""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Image, Json, Other, Part, Text
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.shared.cache_marks import read_cache
from yiyuan.dialects.shared.fields import missing, required_text, wrong_type, wrong_value
from yiyuan.dialects.shared.pictures import data_url, split_data_url


def read_content(content: Any, at: str, unmapped: list[str]) -> list[Part]:
    """Read a client's `content`; null and the empty string are no parts.

    `at` is the path for refusals; names of what is not carried go to `unmapped`.
    """
    if not content and (content is None or type(content) is str):
        return []
    if type(content) is str:
        return [Text(content)]
    if type(content) is not list:
        raise wrong_type(at, "string | array")
    parts = []
    for position, part in enumerate(content):
        path = f"{at}[{position}]"
        if type(part) is not dict:
            raise wrong_type(path, "object")
        cache = read_cache(part, unmapped) if "cache_control" in part else None
        parts.append(_read_part(part, path + ".", cache))
    return parts


def _read_part(part: Json, at: str, cache: Json | None) -> Part:
    kind = required_text(part, "type", at)
    if kind == "text":
        return Text(required_text(part, "text", at), cache)
    if kind == "refusal":
        return Text(required_text(part, "refusal", at))
    if kind == "image_url":
        image = read_image(part.get("image_url"), at)
        image.cache = cache
        if image.data is not None:
            _put_right(part, image)
        return image
    return Other(kind[:64], part)


def read_image(value: Any, at: str) -> Image:
    """Read an image's `{"url", "detail"}`, a data URL into its base64; `at` is its path."""
    # Some clients send the address alone in place of the object.
    picture = {"url": value} if type(value) is str else value
    if picture is None:
        raise missing(at + "image_url")
    if type(picture) is not dict:
        raise wrong_type(at + "image_url", "object")
    url = required_text(picture, "url", at + "image_url.")
    detail = picture.get("detail")
    detail = detail if type(detail) is str else None
    inline = split_data_url(url)
    if inline is not None:
        return Image(media_type=inline[0], data=inline[1], detail=detail)
    return Image(url=url, detail=detail)


def _put_right(part: Json, image: Image) -> None:
    """A picture that passes in its own format has its right form, too."""
    url, told = data_url(image.media_type, image.data), part["image_url"]
    if type(told) is dict:
        if told["url"] != url:
            part["image_url"] = told | {"url": url}
    elif told != url:
        part["image_url"] = url


def write_image(image: Image) -> Json:
    """The part that shows an image."""
    picture = {"url": image.url or data_url(image.media_type, image.data)}
    if image.detail:
        picture["detail"] = image.detail
    return {"type": "image_url", "image_url": picture}


def split_content(content: Any) -> tuple[str, str]:
    """Read an upstream's content as (text, reasoning).

    Mistral's reasoning models answer with a list of parts. Raises
    MalformedUpstream for anything but a string, a list or null.
    """
    if content is None:
        return "", ""
    if type(content) is str:
        return content, ""
    if type(content) is not list:
        raise MalformedUpstream("content is neither a string nor a list")
    text, reasoning = "", ""
    for part in content:
        kind = part.get("type") if type(part) is dict else None
        if kind == "thinking":
            thinking = part.get("thinking")
            reasoning += thinking if type(thinking) is str else split_content(thinking)[0]
        elif kind in ("text", "refusal") and type(part.get(kind)) is str:
            text += part[kind]
    return text, reasoning


def arguments_text(arguments: Any) -> str:
    """A call's arguments as JSON text; some servers send the object itself."""
    if type(arguments) is str:
        return arguments
    return "" if arguments is None else orjson.dumps(arguments).decode()


def read_items(value: Any, name: str, types: str) -> list[Any]:
    """What is to be embedded or judged: one text, or a list that is not empty.

    Raises InvalidRequest for the parameter `name`, which may be of these `types`.
    """
    if value is None:
        raise missing(name)
    if type(value) is str:
        return [value]
    if type(value) is not list:
        raise wrong_type(name, types)
    if not value:
        raise wrong_value(name, "value_empty")
    return value
