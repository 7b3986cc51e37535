"""What `yiyuan import` prints for people who move in by the documentation alone."""

import pytest

from tests.support.gateway_process import Gateway
from tests.support.new_api_shop import NewApiShop


@pytest.fixture
def run(tmp_path, cli):
    """`yiyuan import ACT`, by one who knows one name and one file."""
    shop = NewApiShop(tmp_path / "old.db").add_usual(people=12)
    shop.change("UPDATE users SET access_token = 'CANARY' WHERE id > 1")
    shop.change("UPDATE users SET quota = -7 WHERE id = 3")
    gateway = Gateway(tmp_path / "home", cli)

    def run(act, *more, language="en_US.UTF-8"):
        gateway.environment["LANG"] = language
        source = ("new-api", str(shop.path), "--name", "old", "--rate", "7.5")
        said = gateway.run("import", act, *(source if act in ("look", "take") else ("old",)), *more)
        assert said.code == 0, said
        return said.stdout.splitlines()

    return run


def test_one_sentence_about_many_is_printed_once_with_some_of_their_names(run):
    lines = run("look")
    (about,) = [line for line in lines if "has a management token" in line]
    assert about.strip() == (
        "user 2 user2; user 3 user3; user 4 user4; user 5 user5; user 6 user6 … +7:"
        " has a management token, which is not taken over"
    )
    assert any(line.strip().startswith("user 3 user3: was overdrawn by 7") for line in lines)
    assert not any("CANARY" in line for line in lines)


def test_a_take_says_what_comes_next_and_a_way_back_is_never_silent(run):
    assert run("take")[-1] == "Accounts stay locked until `yiyuan import open old`."
    assert run("take", language="zh_CN.UTF-8")[-1].startswith("账户保持锁定，直到执行")
    assert run("return") == ["-- Nothing has changed here: no quota there has to be set."]
