"""What a browser must fetch stays small: counted from the build's own manifest."""

import gzip
import json
from pathlib import Path

import pytest

from tests.project.tidy.tree import ROOT

BUILT = ROOT / "src/yiyuan/api/console_assets"
FIRST_JS_BYTES_MAX = 200_000
FIRST_CSS_BYTES_MAX = 20_000
FURTHER_JS_BYTES_MAX = 40_000


@pytest.fixture(scope="module")
def manifest() -> dict:
    path = BUILT / "manifest.json"
    if not path.is_file():
        pytest.skip("the console is not built")
    return json.loads(path.read_text())


def closure(manifest: dict, key: str) -> set[str]:
    """A chunk and everything it imports at once."""
    found, todo = set(), [key]
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo += manifest[key].get("imports", [])
    return found


def packed_size(name: str) -> int:
    path = BUILT / name
    packed = path.with_name(path.name + ".gz")
    return packed.stat().st_size if packed.is_file() else len(gzip.compress(path.read_bytes()))


def js_bytes(manifest: dict, keys: set[str]) -> int:
    return sum(packed_size(manifest[key]["file"]) for key in keys)


def pages(manifest: dict) -> list[str]:
    return [
        key
        for key in manifest
        if key.startswith("src/pages/") and manifest[key].get("isDynamicEntry")
    ]


def entry(manifest: dict) -> set[str]:
    return closure(manifest, "index.html")


def test_the_first_route(manifest: dict) -> None:
    """Any page as the first one: the shell and the page; forms in dialogs come on a click."""
    start = entry(manifest)
    sizes = {key: js_bytes(manifest, start | closure(manifest, key)) for key in pages(manifest)}
    sizes = {key: size for key, size in sizes.items() if key.endswith("Page.tsx")}
    assert sizes, "no pages were found in the manifest"
    too_large = {key: size for key, size in sizes.items() if size > FIRST_JS_BYTES_MAX}
    assert not too_large
    styles = {name for key in start for name in manifest[key].get("css", [])}
    assert sum(packed_size(name) for name in styles) <= FIRST_CSS_BYTES_MAX


def test_further_routes(manifest: dict) -> None:
    """What a page adds when another one, the sign-in, was there before."""
    before = entry(manifest) | closure(manifest, "src/pages/public/sign-in/SignInPage.tsx")
    added = {key: js_bytes(manifest, closure(manifest, key) - before) for key in pages(manifest)}
    assert not {key: size for key, size in added.items() if size > FURTHER_JS_BYTES_MAX}


def test_every_asset_has_its_compressed_forms(manifest: dict) -> None:
    for path in Path(BUILT / "assets").glob("*.js"):
        if path.stat().st_size >= 512:
            assert path.with_name(path.name + ".gz").is_file()
            assert path.with_name(path.name + ".br").is_file()
