"""The playground: a conversation, pictures, parameters, two models beside each other."""

import base64
import json

import pytest

from tests.support.waiting import wait_for
from tests.system.console.screen import PHONE, go, overflows, violations
from tests.system.console.shop import ask
from tests.system.console.test_customer_pages import member_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def customer(gateway):
    """An account of its own, so that no other test's requests are among its own."""
    return gateway.customer()


@pytest.fixture
def page(gateway, customer, screen):
    """A member's playground."""
    opened = member_of(gateway, customer, screen.context())
    go(opened, gateway.origin, "/playground?model=gpt-4&prompt=First", "en")
    return opened


@pytest.fixture
def bodies(page):
    """What the page sends to the API, as it sends it."""
    sent: list[dict] = []

    def note(request) -> None:
        if "/v1/" in request.url and request.method == "POST":
            sent.append(json.loads(request.post_data))

    page.on("request", note)
    return sent


def send(page, turns: int) -> None:
    """Send, and wait until so many turns are done."""
    page.get_by_role("button", name="Send").click()
    page.locator("[data-turn=done]").nth(turns - 1).wait_for()


def test_a_conversation_carries_what_was_said_and_costs_turn_by_turn(
    page, bodies, gateway, customer
) -> None:
    send(page, 1)
    assert page.locator("textarea[required]").input_value() == ""
    page.locator("textarea[required]").fill("Second")
    page.get_by_label("temperature").fill("0.5")
    page.get_by_label("top_p").fill("0.9")
    send(page, 2)
    messages = bodies[1]["messages"]
    assert [each["role"] for each in messages] == ["user", "assistant", "user"]
    assert (messages[0]["content"], messages[2]["content"]) == ("First", "Second")
    assert messages[1]["content"] != ""
    assert (bodies[1]["temperature"], bodies[1]["top_p"]) == (0.5, 0.9)
    assert "temperature" not in bodies[0]
    logs = ask(page.context, gateway.origin, "GET", f"/api/accounts/{customer.id}/logs")
    charges = [log["charge"] for log in reversed(logs["items"])]
    shown = page.locator("[data-cost]").all_inner_texts()
    assert len(charges) == len(shown) == 2
    assert all(f"{charge:,} 词元" in text for charge, text in zip(charges, shown, strict=True))
    page.get_by_role("button", name="New conversation").click()
    page.locator("[data-answer=idle]").wait_for()
    assert page.locator("[data-turn]").count() == 0


def test_a_picture_goes_with_the_prompt_and_can_be_taken_off(page, bodies) -> None:
    one = {"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL}
    page.locator("input[type=file]").set_input_files([one, one | {"name": "other.png"}])
    page.get_by_alt_text("Picture 2").wait_for()
    page.get_by_role("button", name="Remove picture 2").click()
    page.get_by_alt_text("Picture 2").wait_for(state="detached")
    send(page, 1)
    text, picture = bodies[0]["messages"][0]["content"]
    assert text == {"type": "text", "text": "First"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert page.locator("[data-turn=done] img").count() == 1


def test_two_models_answer_side_by_side(page, bodies) -> None:
    page.get_by_label("Side by side").select_option("gpt-3.5-turbo")
    send(page, 2)
    assert sorted(body["model"] for body in bodies) == ["gpt-3.5-turbo", "gpt-4"]
    for name in ("gpt-4", "gpt-3.5-turbo"):
        page.get_by_role("heading", name=name, exact=True).wait_for()
    assert page.locator("[data-cost]").count() == 2
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    wait_for(lambda: not overflows(page), what="the page to fit a phone")


def test_the_last_model_is_remembered_and_chat_models_come_first(page, gateway) -> None:
    page.get_by_label("Model", exact=True).select_option("gpt-3.5-turbo")
    send(page, 1)
    go(page, gateway.origin, "/playground", "en")
    model = page.get_by_label("Model", exact=True)
    model.wait_for()
    assert model.input_value() == "gpt-3.5-turbo"
    names = model.locator("option").evaluate_all("all => all.map((each) => each.value)")
    others = [name for name in names if "embed" in name]
    assert others
    assert names[-len(others) :] == others


def test_a_refused_turn_gives_the_prompt_back(gateway, screen) -> None:
    page = member_of(gateway, gateway.customer(balance=1), screen.context())
    go(page, gateway.origin, "/playground?model=gpt-4&prompt=Mine", "en")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alert").wait_for()
    prompt = page.locator("textarea[required]")
    wait_for(lambda: prompt.input_value() == "Mine", what="the prompt to be there again")
