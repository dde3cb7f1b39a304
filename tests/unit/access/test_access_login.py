"""Logging in: passwords, tokens, groups, and the brake on guessing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from saltern.access.backends.memory import MemoryBackends, MemoryTokens
from saltern.access.brake import Brake
from saltern.access.caller import Caller
from saltern.access.external_auth import read_external_auth
from saltern.access.login import Login, LoginOptions
from saltern.errors import AuthenticationError, AuthorizationError, ConfigError
from saltern.model.credentials import Credentials

RULES = {
    "pam": {"ann": ["test.*"], "*": ["test.ping"], "ops%": ["service.*"], "^service": "login"},
    "file": {"ann": ["@runner"], "bob": ["state.apply"]},
}
PASSWORDS = {"pam": {"ann": "a-secret", "carl": "c-secret", "ops%": "o"}, "file": {"ann": "other", "dave": "d-secret"}}
PEER = Caller("www", 33, local_name="www")
API = Caller("root", 0, trusted=True, local_name="root")


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class System:
    def __init__(self, rules: Any = RULES, **options: Any) -> None:
        self.clock = Clock()
        self.tokens = MemoryTokens()
        backends = MemoryBackends(PASSWORDS, {"carl": ("ops", "staff")})
        self.login = Login(
            read_external_auth(rules), backends, self.tokens, LoginOptions(**options), now=self.clock,
            monotonic=self.clock,
        )  # fmt: skip

    async def caller(self, name: str, password: str, eauth: str = "pam", peer: Caller = PEER, **more: Any) -> Caller:
        return await self.login.caller(peer, Credentials(eauth=eauth, username=name, password=password, **more))

    async def token(self, name: str, password: str, eauth: str = "pam", seconds: float = 0.0) -> str:
        credentials = Credentials(eauth=eauth, username=name, password=password)
        return (await self.login.make_token(PEER, credentials, seconds))[0]


@pytest.fixture
def system() -> Iterator[System]:
    made = System()
    yield made
    made.login.close()


def functions(caller: Caller) -> list[str]:
    return [f"@{one.scope}" if one.scope else one.function for one in caller.permissions]


@pytest.mark.behaviour("ACL-03")
async def test_a_name_has_its_own_entry_or_that_for_anybody_and_those_of_its_groups(system: System) -> None:
    assert functions(await system.caller("ann", "a-secret")) == ["test.*"]
    assert functions(await system.caller("carl", "c-secret")) == ["test.ping", "service.*"]
    assert functions(await system.caller("ann", "other", "file")) == ["@runner"]


async def test_who_logs_in_is_not_trusted_whoever_speaks_for_him(system: System) -> None:
    caller = await system.caller("ann", "a-secret", peer=API)
    assert (caller.user, caller.eauth, caller.trusted, caller.local_name) == ("ann", "pam", False, "")


async def test_a_user_is_no_group_by_his_name(system: System) -> None:
    assert functions(await system.caller("ops%", "o")) == ["test.ping"]


@pytest.mark.behaviour("ACL-03", "ACL-07")
@pytest.mark.parametrize(
    ("name", "password", "eauth", "error"),
    [
        ("ann", "wrong", "pam", AuthenticationError),
        ("ann", "", "pam", AuthenticationError),
        ("ann", "a-secret", "file", AuthenticationError),
        ("nobody", "a-secret", "pam", AuthenticationError),
        ("ann", "a-secret", "ldap", AuthenticationError),
        ("dave", "d-secret", "file", AuthorizationError),
    ],
)
async def test_who_is_not_known_or_not_named_is_refused(
    system: System, name: str, password: str, eauth: str, error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        await system.caller(name, password, eauth)
    assert password == "" or password not in str(raised.value)
    with pytest.raises(error):
        await system.token(name, password, eauth)


@pytest.mark.behaviour("ACL-06")
async def test_a_token_lets_in_until_its_time_is_over(system: System) -> None:
    token = await system.token("ann", "a-secret")
    caller = await system.login.caller(PEER, Credentials(token=token))
    assert (caller.user, caller.eauth, functions(caller)) == ("ann", "pam", ["test.*"])
    system.clock.time += 43_199
    await system.login.caller(PEER, Credentials(token=token))
    system.clock.time += 1
    for _ in range(2):
        with pytest.raises(AuthenticationError, match="not valid, or its time is over"):
            await system.login.caller(PEER, Credentials(token=token))
    assert system.tokens.get(token) is None


@pytest.mark.behaviour("ACL-06")
async def test_a_token_is_its_users_and_nobody_elses(system: System) -> None:
    token = await system.token("ann", "a-secret")
    # What else stands beside a token does not count.
    shown = Credentials(token=token, eauth="file", username="bob", password="x")
    assert (await system.login.caller(PEER, shown)).user == "ann"
    for guess in (token[:-1], token.upper(), token + "0", "0" * 64):
        with pytest.raises(AuthenticationError):
            await system.login.caller(PEER, Credentials(token=guess))


async def test_a_token_makes_no_token(system: System) -> None:
    token = await system.token("ann", "a-secret")
    with pytest.raises(AuthenticationError, match="cannot make another"):
        await system.login.make_token(PEER, Credentials(token=token, eauth="pam", username="ann", password="a-secret"))


async def test_a_token_that_is_revoked_lets_nobody_in(system: System) -> None:
    token = await system.token("ann", "a-secret")
    assert await system.login.revoke(token)
    assert not await system.login.revoke(token)
    with pytest.raises(AuthenticationError):
        await system.login.caller(PEER, Credentials(token=token))


@pytest.mark.behaviour("ACL-06")
@pytest.mark.parametrize(
    ("option", "expected"),
    [(False, 43_200), (True, 60), ({"pam": ["ann"]}, 60), ({"pam": ["bob"], "file": ["ann"]}, 43_200)],
    ids=str,
)
async def test_who_may_choose_how_long_a_token_holds(option: Any, expected: float) -> None:
    system = System(own_seconds=option)
    record = system.tokens.get(await system.token("ann", "a-secret", seconds=60))
    assert record is not None
    assert record.expire - record.start == expected
    system.login.close()


@pytest.mark.behaviour("ACL-06")
async def test_a_token_keeps_its_permissions_only_if_it_shall() -> None:
    kept = System(keep_entries=True)
    token = await kept.token("carl", "c-secret")
    record = kept.tokens.get(token)
    assert record is not None
    assert record.entries == ["test.ping", "service.*"]

    changed = System({"pam": {"carl": ["cmd.run"], "ops%": ["disk.*"]}})
    changed.tokens.put(token, record)
    assert functions(await changed.login.caller(PEER, Credentials(token=token))) == ["test.ping", "service.*"]
    changed.tokens.put(token, msgspec.structs.replace(record, entries=None))
    assert functions(await changed.login.caller(PEER, Credentials(token=token))) == ["cmd.run", "disk.*"]
    for system in (kept, changed):
        system.login.close()


async def test_guessing_is_slowed_down_for_the_one_who_guesses(system: System) -> None:
    for _ in range(4):
        with pytest.raises(AuthenticationError, match="does not accept"):
            await system.caller("ann", "guess")
    with pytest.raises(AuthenticationError, match="Too many attempts"):
        await system.caller("ann", "a-secret")
    # Others are not kept out by that: another name, or the same from elsewhere.
    assert (await system.caller("carl", "c-secret")).user == "carl"
    assert (await system.caller("ann", "a-secret", peer=Caller("ann", 1001, local_name="ann"))).user == "ann"
    system.clock.time += 2
    assert (await system.caller("ann", "a-secret")).user == "ann"
    with pytest.raises(AuthenticationError, match="does not accept"):
        await system.caller("ann", "guess")


async def test_the_word_of_a_front_end_tells_origins_apart(system: System) -> None:
    for _ in range(4):
        with pytest.raises(AuthenticationError, match="does not accept"):
            await system.caller("ann", "guess", peer=API, origin="10.0.0.66")
    with pytest.raises(AuthenticationError, match="Too many"):
        await system.caller("ann", "a-secret", peer=API, origin="10.0.0.66")
    assert (await system.caller("ann", "a-secret", peer=API, origin="10.0.0.7")).origin == "10.0.0.7"
    # Anybody else's word is not taken.
    for number in range(4):
        with pytest.raises(AuthenticationError, match="does not accept"):
            await system.caller("ann", "guess", origin=f"10.0.0.{number}")
    with pytest.raises(AuthenticationError, match="Too many"):
        await system.caller("ann", "a-secret", origin="10.0.0.99")


async def test_trying_one_password_on_many_names_is_slowed_down_too(system: System) -> None:
    refusals = []
    for number in range(40):
        with pytest.raises(AuthenticationError) as raised:
            await system.caller(f"user{number}", "guess")
        refusals.append("Too many" in str(raised.value))
    assert not any(refusals[:30])
    assert all(refusals[32:])


def test_the_brake_grows_is_bounded_and_forgets() -> None:
    clock = Clock()
    brake = Brake(1, clock)
    waits = []
    for _ in range(15):
        brake.failed("x")
        waits.append(brake.wait("x"))
    assert waits[:4] == [0, 1, 2, 4]
    assert max(waits) == waits[-1] == 300
    clock.time += 3601
    assert brake.wait("x") == 0
    brake.failed("x")
    assert brake.wait("x") == 0
    for number in range(20_000):
        brake.failed(number)
    assert len(brake._failures) == 10_000


@pytest.mark.parametrize("option", [["pam"], {"pam": ["ann"]}, {"pam": {"ann": 5}}, {"pam": {"ann": ["("]}}], ids=str)
def test_rules_that_make_no_sense_are_named_at_the_start(option: Any) -> None:
    with pytest.raises(ConfigError, match="external_auth"):
        read_external_auth(option)


def test_users_are_globs_only_if_asked_for() -> None:
    from saltern.access.records import Account

    rules = {"pam": {"web-*": ["test.ping"], "*": ["test.version"]}}
    account = Account(name="web-admin", eauth="pam")
    assert read_external_auth(rules).entries(account) == ["test.version"]
    assert read_external_auth(rules, globs=True).entries(account) == ["test.ping", "test.version"]


def test_credentials_that_are_printed_keep_their_secrets() -> None:
    shown = repr(Credentials(token="t0ken", eauth="pam", username="ann", password="s3cret", more={"otp": "123456"}))
    assert "ann" in shown
    assert not any(secret in shown for secret in ("t0ken", "s3cret", "123456"))
