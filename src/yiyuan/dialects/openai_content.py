"""The content of one message as OpenAI writes it: a string, or a list of parts."""

from typing import Any

from yiyuan.dialects.canon import Image, Json, Other, Part, Text
from yiyuan.dialects.dialect import MalformedUpstream
from yiyuan.dialects.fields import missing, required_text, wrong_type


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
        if "cache_control" in part and "cache_control" not in unmapped:
            unmapped.append("cache_control")
        parts.append(_read_part(part, path + "."))
    return parts


def _read_part(part: Json, at: str) -> Part:
    kind = required_text(part, "type", at)
    if kind == "text":
        return Text(required_text(part, "text", at))
    if kind == "refusal":
        return Text(required_text(part, "refusal", at))
    if kind == "image_url":
        return read_image(part.get("image_url"), at)
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
    head, comma, data = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        media_type = head.removeprefix("data:").split(";")[0]
        return Image(media_type=media_type, data=data, detail=detail)
    return Image(url=url, detail=detail)


def write_image(image: Image) -> Json:
    """The part that shows an image."""
    url = image.url or f"data:{image.media_type};base64,{image.data}"
    picture = {"url": url}
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
