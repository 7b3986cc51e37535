"""Mail through a real server: with TLS and without, refused, hanging, and back again."""

import asyncio
import socket
import ssl
import subprocess
import time

import pytest

from tests.support.mail_server import mail_server
from yiyuan.kernel.clock import SystemClock
from yiyuan.services.mail.letters import _EN, _ZH, letter
from yiyuan.services.mail.message import Mail, compose, read_sender
from yiyuan.services.mail.postbox import WAITING_MAX, Postbox
from yiyuan.services.mail.smtp import MailRefused, SmtpSettings
from yiyuan.services.site.checks import sender

CLOCK = SystemClock()
MAIL = Mail("ada@mail.example", "你好 · hello", "第一行\nsee https://x.example/a?b=1#s and <b>\n")


def settings(port: int, **changes) -> SmtpSettings:
    values = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "s@shop.example"}
    return SmtpSettings(**{**values, **changes})


def postbox(given: SmtpSettings, retry_seconds=(0.05, 0.05, 0.05)) -> Postbox:
    async def read() -> SmtpSettings:
        return given

    return Postbox(read, CLOCK, retry_seconds)


async def until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to this in time"
        await asyncio.sleep(0.01)


async def test_a_mail_arrives_with_both_parts_and_nothing_of_html_in_it() -> None:
    with mail_server() as server:
        await postbox(settings(server.port)).send_now(MAIL)
    (mail,) = server.mails
    assert mail.recipients == ["ada@mail.example"]
    assert mail.message["Subject"] == "你好 · hello"
    assert mail.text.startswith("第一行\nsee https://x.example/a?b=1#s")
    assert "&lt;b&gt;" in mail.html
    assert '<a href="https://x.example/a?b=1#s">' in mail.html
    assert mail.message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "attack",
    [
        {"to": "a@b.example\r\nBcc: evil@x.example"},
        {"to": "a@b.example, evil@x.example"},
        {"to": "<a@b.example>"},
    ],
)
def test_no_address_can_begin_another_header(attack) -> None:
    with pytest.raises(ValueError, match="mailbox"):
        compose(Mail(**{"subject": "s", "text": "t", **attack}), "s@shop.example", "", 0)


@pytest.mark.parametrize("subject", ["a\r\nBcc: evil@x.example", "a\nb", "x" * 5000])
def test_no_subject_can(subject) -> None:
    message = compose(Mail("a@b.example", subject, "t"), "Shop <s@shop.example>", "", 0)
    head = message.as_bytes().split(b"\n\n")[0]
    assert b"\nBcc" not in head
    assert len(message["Subject"]) <= 150


@pytest.mark.parametrize(
    "sender", ["", "shop", "a@b.example\n", "Name <x>", "a@b.example,c@d.example"]
)
def test_a_sender_is_one_mailbox(sender) -> None:
    assert read_sender(sender) is None


@pytest.mark.parametrize("value", ["shop@shop.example", "Shop <shop@shop.example>", ""])
def test_a_setting_of_the_sender_is_an_address_with_a_name_or_without(value) -> None:
    assert sender(value) == value
    assert value == "" or read_sender(value)[1] == "shop@shop.example"


@pytest.mark.parametrize("value", ["a@b.example>", "<a@b.example", "a@b.example <c@d.example>"])
def test_what_is_no_one_sender_is_refused_as_a_setting(value) -> None:
    with pytest.raises(ValueError, match="must be an e-mail address"):
        sender(value)


async def test_clear_text_never_leaves_the_machine() -> None:
    with pytest.raises(MailRefused, match="clear text") as refused:
        await postbox(settings(25, host="mail.shop.example")).send_now(MAIL)
    assert refused.value.is_final


async def test_a_certificate_that_is_not_good_is_refused(certificates) -> None:
    for implicit in (False, True):
        with mail_server(tls=certificates, implicit_tls=implicit) as server:
            given = settings(server.port, security="tls" if implicit else "starttls")
            with pytest.raises(MailRefused, match="certificate"):
                await postbox(given).send_now(MAIL)
        assert server.mails == []


async def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    with mail_server() as server, pytest.raises(MailRefused):
        await postbox(settings(server.port, security="starttls")).send_now(MAIL)
    assert server.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore:Session.login_data")
async def test_user_and_password_are_sent_and_a_wrong_one_is_told() -> None:
    with mail_server(password="right") as server:
        await postbox(settings(server.port, user="shop", password="right")).send_now(MAIL)
        with pytest.raises(MailRefused, match="user and password"):
            await postbox(settings(server.port, user="shop", password="wrong")).send_now(MAIL)
    assert len(server.mails) == 1


async def test_a_refusal_for_now_is_tried_again() -> None:
    with mail_server() as server:
        server.refusals = ["451 try later", "451 try later"]
        box = postbox(settings(server.port))
        box.start()
        assert box.put(MAIL)
        await until(lambda: box.stats.sent)
        await box.close()
        assert len(server.mails) == 1
    assert (box.stats.sent, box.stats.given_up, box.waiting) == (1, 0, 0)


async def test_a_final_refusal_is_shown_without_the_mailbox() -> None:
    with mail_server() as server:
        server.refusals = ["550 no such user"]
        box = postbox(settings(server.port))
        box.start()
        box.put(MAIL)
        await until(lambda: box.stuck)
        await box.close()
    (stuck,) = box.stuck
    assert (stuck.domain, stuck.reason) == ("mail.example", "550 no such user")
    assert box.waiting == 0


async def test_what_never_works_is_given_up_after_three_more_tries() -> None:
    with mail_server() as server:
        server.refusals = ["451 no"] * 10
        box = postbox(settings(server.port))
        box.start()
        box.put(MAIL)
        await until(lambda: box.stuck)
        await box.close()
    assert len(server.refusals) == 6


async def test_a_server_that_is_away_or_hangs_is_waited_for_and_the_queue_is_bounded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        box = postbox(settings(silent.getsockname()[1]))
        box.start()
        taken = sum(box.put(MAIL) for _ in range(WAITING_MAX + 50))
        await asyncio.sleep(0.1)
        assert taken == WAITING_MAX
        assert box.stats.turned_away == 50
        await box.close()


async def test_no_server_at_all_is_told_in_a_sentence() -> None:
    with pytest.raises(MailRefused, match="no mail server is set"):
        await postbox(SmtpSettings()).send_now(MAIL)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(MailRefused):
        await postbox(settings(port)).send_now(MAIL)


VALUES = {
    "site": "一元",
    "code": "123456",
    "link": "https://gateway.example/console/sign-up#secret",
    "email": "new@mail.example",
    "service": "Corp",
}


@pytest.mark.parametrize("kind", _EN)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_letter_is_whole_in_both_languages(kind, language) -> None:
    mail = letter(kind, "ada@mail.example", language, **VALUES)
    assert "{" not in mail.subject + mail.text
    assert ("一元" in mail.subject) and ("new@" not in mail.subject)
    words = (_EN if language == "en" else _ZH)[kind]
    if "{code}" in words.lines:
        assert "\n123456\n" in mail.text


def test_both_languages_say_the_same_things() -> None:
    def places(words) -> list[str]:
        return [part.partition("}")[0] for part in "".join(words.lines).split("{")[1:]]

    for kind, words in _EN.items():
        assert sorted(places(words)) == sorted(places(_ZH[kind])), kind


@pytest.fixture
def certificates(tmp_path) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody signed."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
