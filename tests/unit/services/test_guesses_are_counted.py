"""Who guesses waits: over restarts and nodes, by person and address block, by a still clock."""

import asyncio
import base64
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.support.ledger.sqlite import StillClock
from yiyuan.auth.password import Passwords
from yiyuan.kernel.settings import load
from yiyuan.services.people.people import add_user
from yiyuan.services.people.sign_in.attempts import (
    FORGET_MS,
    FREE_TRIES,
    WAIT_MS_MAX,
    WIDE_FREE_TRIES,
    TooManyTries,
)
from yiyuan.services.people.sign_in.proof import Evidence, prove_login
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context

KEY = base64.b64encode(b"s" * 32).decode()
EMAIL, RIGHT, WRONG = "guessed@example.com", "correct horse battery", "not this one, no"
HOME, OTHER = "203.0.113.7", "198.51.100.9"
NOW = 1_790_000_000_000


class House:
    """Where nodes run: each is a context on the same database, with one clock for all."""

    def __init__(self, folder, url):
        self.clock = StillClock(NOW)
        self.passwords = Passwords()
        self.folder, self.url = folder, url

    @asynccontextmanager
    async def node(self, name="one"):
        variables = {"YIYUAN_SECRET_KEY": KEY}
        if self.url is not None:
            variables["YIYUAN_DATABASE_URL"] = self.url
        settings = load(variables, home=self.folder / name)
        async with open_context(settings, clock=self.clock) as context:
            yield context

    async def tries(self, context, password, address, *, email=EMAIL):
        """What comes of a try: `in`, `wrong`, or how many seconds to wait."""
        evidence = Evidence(password, None, address)
        try:
            await prove_login(context, self.passwords, email, evidence)
        except TooManyTries as error:
            return error.wait_seconds
        except ServiceError as error:
            assert error.code == "wrong_credentials"
            return "wrong"
        return "in"

    async def locked_out(self, context, address, *, email=EMAIL):
        """Guess until one has to wait; how many guesses that took."""
        for n in range(WIDE_FREE_TRIES + 2):
            if await self.tries(context, WRONG, address, email=email) != "wrong":
                return n
        raise AssertionError("guessing never gets slower")


@pytest.fixture(params=["sqlite", "postgres"])
async def house(request, tmp_path):
    is_shared = request.param == "postgres"
    url = request.getfixturevalue("postgres").new_database() if is_shared else None
    built = House(tmp_path, url)
    async with built.node() as context:
        await add_user(context, built.passwords, EMAIL, RIGHT, role=None, language=None)
    return built


async def test_the_wait_doubles_and_the_right_password_does_not_help(house):
    async with house.node() as node:
        assert await house.locked_out(node, OTHER) == FREE_TRIES
        waits = []
        for _ in range(13):
            wait = await house.tries(node, RIGHT, OTHER)
            waits.append(wait)
            house.clock.now_ms += wait * 1000
            assert await house.tries(node, WRONG, OTHER) == "wrong"
        assert waits[:5] == [2, 3, 5, 9, 17]
        assert waits[-1] == WAIT_MS_MAX // 1000 + 1
        house.clock.now_ms += WAIT_MS_MAX
        assert await house.tries(node, RIGHT, OTHER) == "in"
        assert await house.locked_out(node, OTHER) == FREE_TRIES, "success forgave"
        house.clock.now_ms += FORGET_MS + 1
        assert await house.locked_out(node, OTHER) == FREE_TRIES, "an hour forgives"


async def test_it_holds_over_a_restart(house):
    async with house.node() as node:
        await house.locked_out(node, OTHER)
    async with house.node() as node:
        assert await house.tries(node, RIGHT, OTHER) == 2
        house.clock.now_ms += 1_000
        assert await house.tries(node, WRONG, OTHER) == "wrong"
    async with house.node() as node:
        assert await house.tries(node, RIGHT, OTHER) == 3, "and goes on where it was"


async def test_two_nodes_count_together(house):
    if house.url is None:
        pytest.skip("a home is one process's")
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(house.node(name)) for name in ("one", "two")]
        found = [await house.tries(nodes[n % 2], WRONG, OTHER) for n in range(FREE_TRIES)]
        assert found == ["wrong"] * FREE_TRIES
        assert [await house.tries(node, RIGHT, OTHER) for node in nodes] == [2, 2]


@pytest.mark.parametrize(
    ("guesses", "same", "another"),
    [
        ("198.51.100.9", "::ffff:198.51.100.9", "198.51.100.10"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
    ],
    ids=["IPv4", "IPv6 /64"],
)
async def test_an_address_block_counts_as_one(house, guesses, same, another):
    async with house.node() as node:
        await house.locked_out(node, guesses)
        assert await house.tries(node, RIGHT, same) == 2
        assert await house.tries(node, RIGHT, another) == "in"


async def test_strangers_lock_nobody_out_of_where_they_sign_in(house):
    async with house.node() as node:
        assert await house.tries(node, RIGHT, HOME) == "in"
        for n in range(WIDE_FREE_TRIES):
            await house.tries(node, WRONG, f"198.51.100.{n}")
        assert await house.tries(node, RIGHT, "198.51.100.200") == 2, "a new place waits"
        assert await house.tries(node, RIGHT, HOME) == "in", "the usual one does not"
        assert await house.locked_out(node, HOME) == FREE_TRIES, "and has a count of its own"


async def test_tries_side_by_side_count_wider_only_what_was_a_guess(house):
    async with house.node() as node:
        tries = [house.tries(node, WRONG, OTHER) for _ in range(WIDE_FREE_TRIES + 2)]
        guesses = (await asyncio.gather(*tries)).count("wrong")
        assert guesses == FREE_TRIES
        counted = await node.database.read("SELECT failures FROM sign_in_failures", [])
        assert [row[0] for row in counted] == [guesses] * 3
        assert await house.tries(node, RIGHT, "198.51.100.10") == "in"


async def test_many_people_guessed_from_one_place_get_slow(house):
    async with house.node() as node:
        for n in range(WIDE_FREE_TRIES):
            assert await house.tries(node, WRONG, OTHER, email=f"p{n}@example.com") == "wrong"
        assert await house.tries(node, RIGHT, OTHER) == 2
        assert await house.tries(node, RIGHT, HOME) == "in"
