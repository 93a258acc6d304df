"""Reads the people of a course: who is enrolled, with which roles, in which groups."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studium.moodle.backup.people import ARCHETYPES, SERVER_TIMEZONE
from studium.moodle.records.people import (
    CourseUser,
    Enrolment,
    Group,
    Grouping,
    GroupingGroup,
    GroupMember,
    RoleAssignment,
    User,
)
from studium.moodle.webservice.reader.derived import derived_id
from studium.moodle.webservice.reader.reading import Reading, plain

ENROLLED = "core_enrol_get_enrolled_users"
ONLY_ACTIVE = ({"name": "onlyactive", "value": 1}, {"name": "userfields", "value": "id,username"})
"""The options that leave out the suspended, those before or after their time, and those of a closed method."""
UNKNOWN_METHOD = "unknown"
PROFILES = "core_user_get_users_by_field"
PROFILE = ("id", "institution", "lang", "timezone")
"""What is read of a profile."""
PROFILES_AT_ONCE = 50


def read_people(reading: Reading, course: Mapping[str, Any]) -> list[int] | None:
    """Add everyone who is enrolled; returns their ids, or None when the site does not tell."""
    people = reading.ask(ENROLLED, courseid=reading.course.course_id)
    if people is None:
        return None
    active = reading.ask(ENROLLED, courseid=reading.course.course_id, options=list(ONLY_ACTIVE))
    are_active = {person["id"] for person in active or []}  # untold: nobody, rather than the suspended too
    methods = course.get("enrollmentmethods") or []
    method = methods[0] if len(methods) == 1 else UNKNOWN_METHOD
    profiles = _profiles(reading, people)
    if any(person["id"] not in profiles for person in people):
        reading.silent_columns |= {(User.table, name) for name in ("institution", "language", "timezone")}
    for person in people:
        _add_person(reading, person, profiles.get(person["id"], {}))
        _add_roles(reading, person)
        reading.harvest.add(
            Enrolment,
            enrolment_id=derived_id("enrolment", *reading.course, person["id"], method),
            user_id=person["id"],
            method=method,
            status=0 if person["id"] in are_active else 1,
            method_status=0,
        )
    _read_groups(reading, people)
    _read_groupings(reading)
    return [person["id"] for person in people]


def profiles_of(user_ids: Iterable[int]) -> Iterator[dict[str, Any]]:
    """What to ask for people's profiles."""
    ordered = sorted(user_ids)
    for start in range(0, len(ordered), PROFILES_AT_ONCE):
        yield {"field": "id", "values": ordered[start : start + PROFILES_AT_ONCE]}


def _profiles(reading: Reading, people: list[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The profiles by person, as far as they are told; a site leaves out those it does not show."""
    told = [reading.ask(PROFILES, **asked) or [] for asked in profiles_of(person["id"] for person in people)]
    return {profile["id"]: profile for part in told for profile in part}


def _add_person(reading: Reading, person: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
    reading.harvest.add(
        User,
        user_id=person["id"],
        username=person.get("username"),
        email=person.get("email") or None,
        first_name=person.get("firstname"),
        last_name=person.get("lastname"),
        idnumber=person.get("idnumber") or None,
        institution=profile.get("institution") or None,
        language=profile.get("lang") or None,
        timezone=None if profile.get("timezone") in (SERVER_TIMEZONE, "") else profile.get("timezone"),
        department=person.get("department") or None,
        country=person.get("country") or None,
        first_access_at=person.get("firstaccess"),
        last_access_at=person.get("lastaccess"),
        seen_at=reading.at,
    )
    reading.harvest.add(CourseUser, user_id=person["id"])


def _add_roles(reading: Reading, person: Mapping[str, Any]) -> None:
    for role in person.get("roles") or []:
        name = role.get("shortname") or f"role{role['roleid']}"
        reading.harvest.add(
            RoleAssignment,
            assignment_id=derived_id("role", *reading.course, person["id"], role["roleid"]),
            user_id=person["id"],
            role_id=role["roleid"],
            role=name,
            archetype=name if name in ARCHETYPES else None,
        )


def _read_groups(reading: Reading, people: list[Mapping[str, Any]]) -> None:
    """The groups, or at least those somebody is in; and who is in which."""
    told = reading.ask_about_table(Group, "core_group_get_course_groups", courseid=reading.course.course_id)
    if told is None:
        reading.silent_columns |= {(Group.table, name) for name in ("idnumber", "visibility", "is_participation")}
    seen = {group["id"]: group for person in people for group in person.get("groups") or []}
    for group in seen.values() if told is None else told:
        reading.harvest.add(
            Group,
            group_id=group["id"],
            name=plain(group.get("name")),
            idnumber=group.get("idnumber") or None,
            visibility=group.get("visibility") or 0,
            is_participation=group.get("participation", True),
        )
    for person in people:
        for group in person.get("groups") or []:
            reading.harvest.add(GroupMember, group_id=group["id"], user_id=person["id"])


def _read_groupings(reading: Reading) -> None:
    asked = {"courseid": reading.course.course_id}
    groupings = reading.ask_about_table(Grouping, "core_group_get_course_groupings", **asked)
    for grouping in groupings or []:
        facts = {"name": plain(grouping.get("name")), "idnumber": grouping.get("idnumber") or None}
        reading.harvest.add(Grouping, grouping_id=grouping["id"], **facts)
    if groupings is None:
        reading.silent_tables.add(GroupingGroup.table)
    if not groupings:
        return
    members = {"groupingids": [grouping["id"] for grouping in groupings], "returngroups": True}
    for grouping in reading.ask_about_table(GroupingGroup, "core_group_get_groupings", **members) or []:
        for group in grouping.get("groups") or []:
            reading.harvest.add(GroupingGroup, grouping_id=grouping["id"], group_id=group["id"])
