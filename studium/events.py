"""The event vocabulary, and the one way to record an event. What events add up to is derived elsewhere.

Verbs and kinds of objects are xAPI's own words, by their published identifiers.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.types.json import Jsonb


class Verb(StrEnum):
    """What was done."""

    SIGNED_IN = "https://w3id.org/xapi/adl/verbs/logged-in"
    SIGNED_OUT = "https://w3id.org/xapi/adl/verbs/logged-out"
    REGISTERED = "http://adlnet.gov/expapi/verbs/registered"
    ASKED = "http://adlnet.gov/expapi/verbs/asked"
    SEARCHED = "http://activitystrea.ms/schema/1.0/search"
    OPENED = "http://activitystrea.ms/schema/1.0/open"
    ATTACHED = "http://activitystrea.ms/schema/1.0/attach"
    DELETED = "http://activitystrea.ms/schema/1.0/delete"
    JOINED = "http://activitystrea.ms/schema/1.0/join"
    LEFT = "http://activitystrea.ms/schema/1.0/leave"
    ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
    VOIDED = "http://adlnet.gov/expapi/verbs/voided"
    CREATED = "http://activitystrea.ms/schema/1.0/create"
    UPDATED = "http://activitystrea.ms/schema/1.0/update"
    ACCEPTED = "http://activitystrea.ms/schema/1.0/accept"
    REJECTED = "http://activitystrea.ms/schema/1.0/reject"


class Kind(StrEnum):
    """What it was done to."""

    ACCOUNT = "http://id.tincanapi.com/activitytype/user-profile"
    COURSE = "http://adlnet.gov/expapi/activities/course"
    DOCUMENT = "http://id.tincanapi.com/activitytype/document"
    FILE = "http://adlnet.gov/expapi/activities/file"
    FLASHCARD = "http://adlnet.gov/expapi/activities/interaction"
    QUESTION = "http://adlnet.gov/expapi/activities/question"
    OBJECTIVE = "http://adlnet.gov/expapi/activities/objective"


def record(
    connection: Connection,
    account_id: UUID,
    verb: Verb,
    kind: Kind,
    object_id: str,
    *,
    course_id: str | None = None,
    result: dict[str, Any] | None = None,
    context: dict[str, Any] | None = None,
) -> None:
    """Add one event in the caller's transaction, which must be bound to the account.

    The learner is the account's own in the course's site, when it is tied to one. What may earn something is recorded
    by `studium.motivation.acts` instead, which keeps each account's acts in order.
    """
    connection.execute(
        "insert into app.events (account_id, learner_id, verb, object_type, object_id, course_id, result, context) "
        "values (%(account)s, (select learner_id from app.moodle_links where account_id = %(account)s "
        "and site_id = regexp_replace(%(course)s, ':[0-9]+$', '') order by learner_id limit 1), "
        "%(verb)s, %(kind)s, %(object)s, %(course)s, %(result)s, %(context)s)",
        {
            "account": account_id,
            "verb": verb,
            "kind": kind,
            "object": object_id,
            "course": course_id,
            "result": Jsonb(result or {}),
            "context": Jsonb(context or {}),
        },
    )
