"""The console's files: what was built anew under a running server is not there, and says so."""

import requests

from yiyuan.api.console_pages import ConsolePages
from yiyuan.dialects import contract as dialects


def test_an_asset_that_a_new_build_took_away_is_404(serve, tmp_path):
    assets = tmp_path / "assets"
    assets.mkdir()
    for name in ("old.abc.js", "new.def.js"):
        (assets / name).write_text("1")
    (tmp_path / "index.html").write_text("<!doctype html>")
    pages = ConsolePages(dialects.discover()["openai_chat"], "en", tmp_path)

    async def handle(exchange):
        pages.handle(exchange)

    host, port = serve(handle).address
    (assets / "old.abc.js").unlink()
    origin = f"http://{host}:{port}/console/assets"
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{origin}/old.abc.js", timeout=10).status_code == 404
        assert session.get(f"{origin}/new.def.js", timeout=10).status_code == 200
