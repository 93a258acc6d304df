"""A sync that meets a fault of each kind: afterwards all is as if there had been none, and no student saw too much."""

from collections.abc import Iterator

import pytest
from fault_world import Disturbed, Seesaw
from moodle_site.faults import Fault, Late, Proxy, Said, every_kind, from_then_on, refused_with, scattered
from moodle_site.recordings import php_json, recorded
from moodle_site.site import Site

from studium.moodle.webservice.errors import AuthenticationError, BrokenFunction, TransientError
from studium.moodle.webservice.reader.people import ENROLLED
from studium.moodle.webservice.reader.read import CONTENTS
from studium.settings import Settings

COURSE = 4
IN_SHORT = {
    "late", "reset in the body", "cut in the body", "500", "429", "maintenance page", "maintenance, said with 200",
}  # fmt: skip
"""Of the kinds of faults those of the short run; the long one has them all."""


@pytest.fixture(scope="module")
def course(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    with Site() as site, Proxy(site) as proxy:
        made = Disturbed(settings, proxy, Seesaw(site, COURSE), tmp_path_factory.mktemp("faults"))
        made.settle()
        with made.witness.watching(made.watched):
            yield made


def said(code: str) -> Fault:
    """A recorded refusal, which comes with HTTP 200."""
    return Said(200, php_json(next(call.body for call in recorded() if call.errorcode == code)), "application/json")


@pytest.mark.parametrize(
    "name", [name if name in IN_SHORT else pytest.param(name, marks=pytest.mark.soak) for name in every_kind()]
)
def test_a_fault_of_each_kind_comes_to_nothing_and_leaves_nothing(course: Disturbed, name: str) -> None:
    fault = every_kind()[name]
    course.turn()
    error = course.attempt(from_then_on(9, fault))
    assert isinstance(error, TransientError) != isinstance(fault, Late)
    course.recover()


@pytest.mark.parametrize("tag", ["ERR_expired_token", pytest.param("ERR_invalid_token", marks=pytest.mark.soak)])
def test_a_token_dies_in_the_middle(course: Disturbed, tag: str) -> None:
    course.turn()
    assert isinstance(course.attempt(from_then_on(12, refused_with(tag))), AuthenticationError)
    course.recover()


@pytest.mark.parametrize("function", [ENROLLED, pytest.param(CONTENTS, marks=pytest.mark.soak)])
def test_a_failing_query_about_who_may_see_what(course: Disturbed, function: str) -> None:
    """New conditions and old people, or the other way round, would show what neither the one nor the other does."""
    course.turn()
    error = course.attempt(from_then_on(1, said("dmlreadexception"), function))
    assert isinstance(error, BrokenFunction)
    course.recover()


def test_faults_that_pass_are_outlived(course: Disturbed) -> None:
    course.turn()
    kinds = [fault for name, fault in every_kind().items() if not name.startswith("maintenance")]
    with course.patient(20):
        assert course.attempt(scattered(1, 0.5, kinds)) is None
    course.recover()
    assert course.witness.looks > 100
