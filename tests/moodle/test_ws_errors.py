"""Every recorded way of saying no, and the class it gets: a closed table, so that a new recording must be placed."""

import json
import pickle

import pytest
from moodle_site.recordings import DATA, Recorded, learners, php_json, recorded

from studium.moodle.webservice import body
from studium.moodle.webservice.errors import (
    LOGIN,
    AccessRefused,
    AuthenticationError,
    BrokenFunction,
    LoginRefused,
    Maintenance,
    MissingFunction,
    NotPermitted,
    NotThere,
    ServicesDisabled,
    SurprisingAnswer,
    TransientError,
    WebServiceError,
)

CLASS_OF = {
    "accessexception": {AccessRefused},
    "attemptalreadyclosed": {NotPermitted},
    "dmlreadexception": {BrokenFunction},
    "errorcoursecontextnotvalid": {NotPermitted},
    "errorreportview": {NotPermitted},
    "globalsearchdisabled": {NotPermitted},
    "invalidlogin": {LoginRefused},
    "invalidparameter": {BrokenFunction},
    "invalidrecord": {MissingFunction, NotThere},
    "invalidrecordunknown": {NotThere},
    "invalidtoken": {AuthenticationError},
    "missingparam": {LoginRefused},
    "nopermissions": {NotPermitted},
    "noreviewattempt": {NotPermitted},
    "notyourattempt": {NotPermitted},
    "requireloginerror": {NotPermitted},
    "servicenotavailable": {LoginRefused},
    "sitemaintenance": {Maintenance},
    "usernotallowed": {LoginRefused},
}
WITHOUT_CODE = {
    "ERR_maintenance_cli": {Maintenance},
    "maintenance_cli": {Maintenance},
    "ERR_webservices_disabled": {ServicesDisabled},
    "ERR_no_format_xml": {SurprisingAnswer},
}
CALLS = list(recorded())
BEHAVIOUR = json.loads((DATA / "ws_files.json").read_text(encoding="utf-8"))["behaviour"]


def test_the_table_names_every_recorded_code() -> None:
    assert {call.errorcode for call in CALLS} - {None} == CLASS_OF.keys()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_each_recording_gets_its_answer_or_its_class(call: Recorded) -> None:
    headers = {"Content-Type": call.content_type, "Content-Length": str(len(call.raw))}
    expected = CLASS_OF.get(call.errorcode or "") or WITHOUT_CODE.get(call.tag or call.account)
    if expected is None:
        assert body.read(call.function, call.http_status, headers, call.raw) == call.body
        return
    with pytest.raises(WebServiceError) as raised:
        body.read(call.function, call.http_status, headers, call.raw)
    assert type(raised.value) in expected
    assert (raised.value.function, raised.value.errorcode) == (call.function, call.errorcode)


def test_what_was_recorded_of_every_learner_is_an_answer_or_says_who_is_not_enrolled() -> None:
    refused = []
    for function, _, said in learners():
        try:
            assert body.read(function, 200, {"Content-Type": "application/json"}, php_json(said)) == said
        except NotPermitted as error:
            refused.append((error.function, error.errorcode))
    assert refused == [("core_completion_get_course_completion_status", "usernotenroled")] * 7


def refusals_table() -> str:
    """Every recorded refusal and its class, as the table of `docs/moodle-errors.md`."""
    found: dict[tuple[str, ...], list[str]] = {}
    said = [(call.name.rstrip("/"), call.function, call.http_status, call.content_type, call.raw) for call in CALLS]
    said += [
        (f"file: {one['label']}", "file", one["status"], one["headers"].get("Content-Type", ""), one["body"].encode())
        for one in BEHAVIOUR
        if one.get("body") and one["label"].startswith(("pdf", "not found", "hidden", "submission"))
    ]
    for name, function, status, content_type, raw in said:
        try:
            body.read(function, status, {"Content-Type": content_type, "Content-Length": str(len(raw))}, raw)
        except WebServiceError as error:
            row = (error.errorcode or "", str(status), content_type.partition(";")[0], type(error).__name__)
            found.setdefault(row, []).append(name)
    lines = ["| Code | HTTP | Type | Class | Recorded | For example |", "|---|---|---|---|---|---|"]
    for (code, status, media_type, kind), names in sorted(found.items()):
        example = next((name for name in names if "ERR_" in name), names[0])
        lines.append(f"| {code} | {status} | {media_type} | `{kind}` | {len(names)} | {example} |")
    return "\n".join([*lines, ""])


def test_the_page_holds_every_recorded_refusal() -> None:
    page = (DATA.parents[2] / "docs" / "moodle-errors.md").read_text(encoding="utf-8")
    assert refusals_table() in page


def test_a_missing_function_is_not_a_missing_course() -> None:
    of = {call.name: call for call in CALLS}
    asked = {
        "core_course_get_contents/service/ERR_no_such_course": NotThere,
        "no_such_function/service/ERR_missing_function": MissingFunction,
    }
    for name, expected in asked.items():
        with pytest.raises(expected):
            body.read(of[name].function, 200, {"Content-Type": "application/json"}, of[name].raw)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("pdf no token", AuthenticationError),
        ("pdf Authorization bearer header", AuthenticationError),
        ("pdf wrong token", AuthenticationError),
        ("not found", NotThere),
        ("hidden page index.html as student", NotPermitted),
        ("submission file as other student", NotThere),
        ("REST invalid token", AuthenticationError),
        ("REST no params", SurprisingAnswer),
        ("REST invalid token, default XML", SurprisingAnswer),
        ("REST JSON body (application/json) is ignored", SurprisingAnswer),
    ],
)
def test_the_recorded_answers_for_files_get_their_class(label: str, expected: type[WebServiceError]) -> None:
    entry = next(entry for entry in BEHAVIOUR if entry["label"] == label)
    with pytest.raises(expected) as raised:
        body.read("file", entry["status"], entry["headers"], entry.get("body", "").encode())
    assert type(raised.value) is expected


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
def test_a_server_in_trouble_is_transient(status: int) -> None:
    with pytest.raises(TransientError) as raised:
        body.read("f", status, {"Content-Type": "text/plain", "Retry-After": "7"}, b"busy")
    assert raised.value.retry_after == 7
    assert str(status) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        ("Sun, 22 Nov 2026 01:32:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 01:31:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_both_forms_of_retry_after_are_read(text: str, seconds: float | None) -> None:
    assert body.retry_after({"Retry-After": text, "Date": "Sun, 22 Nov 2026 01:32:00 GMT"}) == seconds


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"[NaN]",
        b"[-Infinity]",
        b"[" + b"9" * 5000 + b"]",
        b'["\\ud800"]',
        b'["\xff"]',
        b"<br /><b>Warning</b>: undefined index\n[]",
        b"",
        b"[1,2",
    ],
)
def test_hostile_json_is_surprising_and_kept(raw: bytes) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    with pytest.raises(SurprisingAnswer) as raised:
        body.read("f", 200, headers, raw)
    assert raised.value.body == raw[:10_000]


def test_json_that_ends_with_the_connection_may_have_broken_off() -> None:
    with pytest.raises(TransientError):
        body.read("f", 200, {"Content-Type": "application/json"}, b'[{"id": 1')


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"exception": "TypeError", "message": "x"}, BrokenFunction),
        ({"exception": "dml_write_exception", "errorcode": "dmlwriteexception", "message": "x"}, BrokenFunction),
        (
            {"exception": "core\\exception\\moodle_exception", "errorcode": "neverheardof", "message": "x"},
            SurprisingAnswer,
        ),
        ({"exception": "required_capability_exception", "errorcode": "nopermissionxyz"}, NotPermitted),
        ({"error": "x", "errorcode": "enablewsdescription"}, SurprisingAnswer),
        ({"exception": "moodle_exception", "errorcode": "wsaccessusersuspended", "message": "x"}, AuthenticationError),
        ({"exception": "moodle_exception", "errorcode": "sitepolicynotagreed", "message": "x"}, AuthenticationError),
    ],
)
def test_a_code_nobody_recorded_is_placed_by_its_exception(
    said: dict[str, str], expected: type[WebServiceError]
) -> None:
    with pytest.raises(WebServiceError) as raised:
        body.read("f", 200, {"Content-Type": "application/json"}, json.dumps(said).encode())
    assert type(raised.value) is expected


def test_the_documentation_names_every_class() -> None:
    from studium.moodle.webservice import errors

    def below(kind: type[WebServiceError]) -> set[str]:
        return {kind.__name__}.union(*(below(sub) for sub in kind.__subclasses__()))

    named = below(WebServiceError) - {"WebServiceError", "AccessRefused"}
    assert all(f"`{name}`" in (errors.__doc__ or "") for name in named)


def test_errors_cross_processes_whole() -> None:
    for error in (
        TransientError("f", "later", retry_after=3.0),
        SurprisingAnswer("f", "what", body=b"x"),
        LoginRefused(LOGIN, "no", errorcode="invalidlogin"),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.__dict__) == (type(error), str(error), error.__dict__)
