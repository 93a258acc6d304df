"""The ways a Moodle says no, each with a class, and what Studium does about it.

Most come with HTTP 200. The same table, read by `refusal`, serves the web services, the files and `login/token.php`:

| What Moodle says | Class | What Studium does |
|---|---|---|
| `invalidtoken`, `invalidtimedtoken`, `invalidiptoken`, HTTP 401 | `AuthenticationError` | stops; asks for a link |
| `wsaccessuser...`: the account is suspended, expired or deleted | `AuthenticationError` | stops; asks for a link |
| the account has first to agree, to fill in, to change its password | `AuthenticationError` | stops; asks for a link |
| `accessexception` to every function: expired, or tied to an address | `AuthenticationError` | stops; asks for a link |
| `accessexception` to one function | `NotPermitted` | skips it, with a record |
| `nopermissions`, `requireloginerror`, `errorcoursecontextnotvalid` | `NotPermitted` | skips it, with a record |
| `notyourattempt`, `noreviewattempt`, `attemptalreadyclosed` | `NotPermitted` | skips it, with a record |
| `errorreportview`, `globalsearchdisabled`, `usernotenroled` | `NotPermitted` | skips it, with a record |
| `invalidrecord` about `external_functions` | `MissingFunction` | skips it: another version |
| `invalidrecord`, `invalidrecordunknown` | `NotThere` | looks whether it is gone |
| `filenotfound`, HTTP 404 for a file | `NotThere` | looks whether it is gone |
| `dmlreadexception`, and any other failing query | `BrokenFunction` | goes on without it |
| `invalidparameter`, `invalidresponse`, an exception without a code | `BrokenFunction` | goes on; tells a person |
| HTTP 503 with a page, `sitemaintenance` | `Maintenance` | stops until the next sync |
| HTTP 403 without a word | `ServicesDisabled` | stops; tells a person |
| HTTP 408, 425, 429, 5xx; reset, time-out, truncation | `TransientError` | tries again, then next sync |
| no JSON, another schema, an unknown code, too large | `SurprisingAnswer` | keeps it raw; goes on; tells |
| `login/token.php`: any of its refusals | `LoginRefused` | asks for the login again |
| an address not to be called, a redirect to another site | `AddressRefused` | asks for another address |

`missingparam` for a file means that no token arrived: `AuthenticationError`.
"""

from collections.abc import Mapping
from typing import Any

LOGIN = "login/token.php"


class WebServiceError(Exception):
    """Moodle, or the way there, did not give what was asked for. Says nothing secret."""

    stops = False
    """Whether asking on is useless: the answer would be the same for everything else."""

    def __init__(self, function: str, message: str, *, errorcode: str | None = None) -> None:
        super().__init__(f"{function}: {message}" + (f" ({errorcode})" if errorcode else ""))
        self.function = function
        self.message = message
        self.errorcode = errorcode

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.args, self.__dict__)


class AuthenticationError(WebServiceError):
    """The token is no longer good for anything."""

    stops = True


class LoginRefused(WebServiceError):  # noqa: N818 - reads as the sentence it is
    """No token for this name, password and service."""

    stops = True


class AddressRefused(WebServiceError):  # noqa: N818
    """Studium may not call this address, or is sent from it to another site."""

    stops = True


class ServicesDisabled(WebServiceError):  # noqa: N818
    """The site has its web services switched off."""

    stops = True


class NotPermitted(WebServiceError):  # noqa: N818
    """This account may not see this; nothing follows about whether it is there."""


class MissingFunction(NotPermitted):
    """The site has no function of that name."""


class NotThere(WebServiceError):  # noqa: N818
    """Moodle knows nothing by that id."""


class BrokenFunction(WebServiceError):  # noqa: N818
    """The function fails for what it was asked, and will again."""


class TransientError(WebServiceError):
    """It may work later; `retry_after` is how many seconds the site asked to be left alone."""

    def __init__(
        self, function: str, message: str, *, errorcode: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(function, message, errorcode=errorcode)
        self.retry_after = retry_after


class Maintenance(TransientError):  # noqa: N818
    """The whole site is closed for a while."""

    stops = True


class SurprisingAnswer(WebServiceError):  # noqa: N818
    """Not what Moodle's description of the function promises; `body` is what came, cut, without the token."""

    def __init__(self, function: str, message: str, *, errorcode: str | None = None, body: bytes = b"") -> None:
        super().__init__(function, message, errorcode=errorcode)
        self.body = body


class AccessRefused(WebServiceError):  # noqa: N818
    """`accessexception`, before it is known whether the token or the grant is missing; never leaves the client."""


_BY_CODE: Mapping[str, type[WebServiceError]] = {
    "accessexception": AccessRefused,
    "attemptalreadyclosed": NotPermitted,
    "errorcoursecontextnotvalid": NotPermitted,
    "errorreportview": NotPermitted,
    "filenotfound": NotThere,
    "forcepasswordchangenotice": AuthenticationError,
    "globalsearchdisabled": NotPermitted,
    "invalidiptoken": AuthenticationError,
    "invalidparameter": BrokenFunction,
    "invalidrecord": NotThere,
    "invalidrecordunknown": NotThere,
    "invalidresponse": BrokenFunction,
    "invalidtimedtoken": AuthenticationError,
    "invalidtoken": AuthenticationError,
    "missingparam": AuthenticationError,
    "nopermissions": NotPermitted,
    "noreviewattempt": NotPermitted,
    "notyourattempt": NotPermitted,
    "requireloginerror": NotPermitted,
    "sitemaintenance": Maintenance,
    "sitepolicynotagreed": AuthenticationError,
    "usernotenroled": NotPermitted,
    "usernotfullysetup": AuthenticationError,
    "wsaccessuserdeleted": AuthenticationError,
    "wsaccessuserexpired": AuthenticationError,
    "wsaccessusernologin": AuthenticationError,
    "wsaccessusersuspended": AuthenticationError,
    "wsaccessuserunconfirmed": AuthenticationError,
}
_BY_EXCEPTION: Mapping[str, type[WebServiceError]] = {
    "required_capability_exception": NotPermitted,
    "require_login_exception": NotPermitted,
    "dml_missing_record_exception": NotThere,
    "webservice_access_exception": AccessRefused,
}


def is_refusal(answer: object) -> bool:
    """Whether a parsed body is one of Moodle's refusals; both of its shapes come with HTTP 200."""
    return isinstance(answer, dict) and ("exception" in answer or {"error", "errorcode"} <= answer.keys())


def refusal(function: str, body: Mapping[str, Any]) -> WebServiceError:
    """The error for one of Moodle's refusals: `{exception, errorcode, message}` or `{error, errorcode}`."""
    code = str(body["errorcode"]) if body.get("errorcode") else None
    message = str(body.get("message") or body.get("error") or "no reason given")
    return _class(function, code, str(body.get("exception", "")), message)(function, message, errorcode=code)


def _class(function: str, code: str | None, exception: str, message: str) -> type[WebServiceError]:
    kind = exception.rsplit("\\", 1)[-1]
    if function == LOGIN and code != "sitemaintenance":
        return LoginRefused
    if code == "invalidrecord" and "external_functions" in message:
        return MissingFunction
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if kind in _BY_EXCEPTION:
        return _BY_EXCEPTION[kind]
    return BrokenFunction if kind.startswith("dml_") or code is None else SurprisingAnswer


def _again(kind: type[WebServiceError], args: tuple[Any, ...], state: dict[str, Any]) -> WebServiceError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error
