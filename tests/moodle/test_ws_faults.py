"""A Moodle that has a bad day: what the client makes of each fault, and what it leaves behind."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from moodle_site.faults import (
    Fault,
    Late,
    Proxy,
    Reset,
    Said,
    Truncated,
    at,
    every_kind,
    from_then_on,
    redirect,
    refused_with,
    scattered,
    too_many,
)
from moodle_site.recordings import recording
from moodle_site.site import TOKENS, Site
from pydantic import SecretStr

from studium.moodle.webservice.address import check_address
from studium.moodle.webservice.client import MoodleClient
from studium.moodle.webservice.errors import (
    AddressRefused,
    AuthenticationError,
    Maintenance,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
)
from studium.moodle.webservice.exchange import Patience
from studium.moodle.webservice.files import Declared, Downloaded

QUICK = Patience(attempts=3, first_wait=0, jitter=0, read=2, connect=2, total=30)
PDF = "/63/mod_resource/content/0/CVS201%20Lecture%201%20handout%20-%20Excitation-contraction%20coupling.pdf"
COURSES = "core_course_get_courses"
TRANSIENT = {name: fault for name, fault in every_kind().items() if name != "maintenance page"}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Site() as site, Proxy(site) as running:
        yield running


@pytest.fixture
def client(proxy: Proxy) -> Iterator[MoodleClient]:
    with reaching(proxy) as made:
        yield made


def reaching(proxy: Proxy, patience: Patience = QUICK, **more: Any) -> MoodleClient:
    address = check_address(proxy.url, allow_private=True)
    return MoodleClient(address, SecretStr(TOKENS["service"]), patience=patience, **more)


@pytest.mark.parametrize("name", TRANSIENT)
def test_a_call_outlives_two_faults(proxy: Proxy, client: MoodleClient, name: str) -> None:
    fault = TRANSIENT[name]
    proxy.follow(at({1: fault, 2: fault}))
    assert client.call(COURSES) == recording(f"{COURSES}/service/").body
    assert client.calls == (1 if isinstance(fault, Late) else 3)
    assert proxy.broken


@pytest.mark.parametrize("name", TRANSIENT)
def test_a_file_outlives_two_faults(proxy: Proxy, client: MoodleClient, name: str, tmp_path: Path) -> None:
    proxy.follow(at({1: TRANSIENT[name], 2: TRANSIENT[name]}))
    got = client.download(f"{proxy.url}/webservice/pluginfile.php{PDF}", tmp_path / "a.pdf", Declared(10_005))
    assert isinstance(got, Downloaded)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("name", [name for name in TRANSIENT if name != "late"])
def test_a_fault_that_stays_is_a_transient_error_and_leaves_nothing(
    proxy: Proxy, client: MoodleClient, name: str, tmp_path: Path
) -> None:
    proxy.follow(from_then_on(1, TRANSIENT[name]))
    with pytest.raises(TransientError):
        client.call(COURSES)
    with pytest.raises(TransientError):
        client.download(f"{proxy.url}/webservice/pluginfile.php{PDF}", tmp_path / "a.pdf")
    assert client.calls == 6
    assert list(tmp_path.iterdir()) == []


def test_every_byte_a_file_can_be_cut_at(proxy: Proxy, tmp_path: Path) -> None:
    once = replace(QUICK, attempts=1)
    with reaching(proxy, once) as client:
        for kind in (Truncated, Reset):
            for byte in (0, 1, 17, 300, 500, 700, 1000, 5000, 10_000, 10_400):
                proxy.follow(at({1: kind(byte)}))
                with pytest.raises(TransientError):
                    client.download(f"{proxy.url}/webservice/pluginfile.php{PDF}", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_the_maintenance_page_is_left_alone_as_long_as_it_asks(proxy: Proxy, client: MoodleClient) -> None:
    proxy.follow(at({1: refused_with("ERR_maintenance_cli")}))
    with pytest.raises(Maintenance) as raised:
        client.call(COURSES)
    assert raised.value.retry_after == 300
    assert client.calls == 1


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_retry_after_is_obeyed_by_every_thread(proxy: Proxy) -> None:
    clock = Clock()
    proxy.follow(at({1: too_many(7), 2: too_many("11")}))
    with reaching(proxy, clock=clock, sleep=clock.sleep, concurrency=1) as client:
        client.call(COURSES)
        client.call(COURSES)
    assert clock.slept == [7.0, 11.0]


@pytest.mark.parametrize(("seconds", "calls"), [(60, 2), (61, 1), (25, 2)])
def test_a_long_wait_is_left_to_the_next_sync(proxy: Proxy, seconds: int, calls: int) -> None:
    clock = Clock()
    proxy.follow(from_then_on(1, too_many(seconds)))
    with reaching(proxy, replace(QUICK, attempts=2, total=100), clock=clock, sleep=clock.sleep) as client:
        with pytest.raises(TransientError) as raised:
            client.call(COURSES)
        assert raised.value.retry_after == seconds
        assert client.calls == calls
    assert clock.slept == [float(seconds)] * (calls - 1)


def test_a_wait_past_the_deadline_is_not_begun(proxy: Proxy) -> None:
    clock = Clock()
    proxy.follow(from_then_on(1, too_many(30)))
    with reaching(proxy, replace(QUICK, attempts=9, total=70), clock=clock, sleep=clock.sleep) as client:
        with pytest.raises(TransientError):
            client.call(COURSES)
        assert (client.calls, clock.slept) == (3, [30.0, 30.0])


def test_a_site_that_does_not_answer_is_given_up(proxy: Proxy) -> None:
    proxy.follow(from_then_on(1, Late(3)))
    began = time.monotonic()
    with (
        reaching(proxy, replace(QUICK, read=0.2, attempts=2)) as client,
        pytest.raises(TransientError, match="in time"),
    ):
        client.call(COURSES)
    assert time.monotonic() - began < 2


def test_a_deadline_holds_while_an_answer_trickles_in(proxy: Proxy) -> None:
    ticks = iter(range(0, 10_000, 25))
    with reaching(proxy, clock=lambda: float(next(ticks))) as client, pytest.raises(TransientError, match="30 s"):
        client.call("core_course_get_contents", courseid=2)


def test_nobody_there_is_transient(proxy: Proxy) -> None:
    with Site() as site:
        address = check_address(site.url, allow_private=True)
    client = MoodleClient(address, SecretStr("x"), patience=QUICK)
    with client, pytest.raises(TransientError, match="ConnectError"):
        client.call(COURSES)
    assert client.calls == 3


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("https://elsewhere.example.test/webservice/rest/server.php", AddressRefused),
        ("//elsewhere.example.test/", AddressRefused),
        ("http://localhost/webservice/rest/server.php", AddressRefused),
        ("/login/index.php", SurprisingAnswer),
    ],
)
def test_a_redirect_is_not_followed(
    proxy: Proxy, client: MoodleClient, to: str, expected: type[WebServiceError], tmp_path: Path
) -> None:
    proxy.follow(from_then_on(1, redirect(to)))
    with pytest.raises(expected):
        client.call(COURSES)
    with pytest.raises(expected):
        client.download(f"{proxy.url}/webservice/pluginfile.php{PDF}", tmp_path / "x")
    assert client.calls == 2


@pytest.mark.parametrize(
    "fault",
    [
        Said(200, b"<html>Welcome to the hotel's network</html>"),
        Said(200, b"[" * 50_000, "application/json"),
        Said(200, b"\x1f\x8b not gzip", "application/json", (("Content-Encoding", "gzip"),)),
        Said(200, b"[]", "application/json", (("Content-Encoding", "br"),)),
        Said(403, b"<html>Blocked by a firewall</html>"),
    ],
)
def test_an_answer_of_somebody_else_is_surprising_at_once(
    proxy: Proxy, client: MoodleClient, fault: Fault, tmp_path: Path
) -> None:
    proxy.follow(from_then_on(1, fault))
    with pytest.raises(SurprisingAnswer):
        client.call(COURSES)
    with pytest.raises(SurprisingAnswer):
        client.download(f"{proxy.url}/webservice/pluginfile.php{PDF}", tmp_path / "x")
    assert client.calls == 2
    assert list(tmp_path.iterdir()) == []


def test_a_token_that_dies_in_the_middle_ends_it(proxy: Proxy, client: MoodleClient) -> None:
    proxy.follow(from_then_on(20, refused_with("ERR_expired_token")))
    calls = [("core_completion_get_course_completion_status", {"courseid": 2, "userid": user}) for user in range(3, 42)]
    with pytest.raises(AuthenticationError):
        list(client.map_calls(calls))
    assert client.calls < 39


@pytest.mark.parametrize("seed", range(3))
def test_a_run_through_scattered_faults_ends_with_the_same_answers(proxy: Proxy, seed: int) -> None:
    patient = replace(QUICK, attempts=20)
    calls = [("core_completion_get_course_completion_status", {"courseid": 2, "userid": user}) for user in range(3, 42)]
    with reaching(proxy, patient) as client:
        undisturbed = [one.answer for one in client.map_calls(calls)]
        proxy.follow(scattered(seed, 0.4, TRANSIENT.values()))
        assert [one.answer for one in client.map_calls(calls)] == undisturbed
    assert len(proxy.broken) > 10


def test_a_schedule_repeats() -> None:
    def run(schedule: Callable[[int, str], Fault | None]) -> list[Fault | None]:
        return [schedule(number, "f") for number in range(1, 200)]

    kinds = list(every_kind().values())
    assert run(scattered(1, 0.3, kinds)) == run(scattered(1, 0.3, kinds)) != run(scattered(2, 0.3, kinds))
