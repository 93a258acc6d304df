"""Reads the people of a course: users, enrolments, roles, groups, the gradebook, completion."""

from lxml.etree import _Element as Element

from studium.moodle.backup.reading import Reading
from studium.moodle.backup.xml import each, identity, number, optional_root, text
from studium.moodle.errors import DamagedBackupError
from studium.moodle.records.people import (
    Completion,
    CourseCompletion,
    CourseUser,
    Enrolment,
    Grade,
    GradeItem,
    Group,
    Grouping,
    GroupingGroup,
    GroupMember,
    RoleAssignment,
    User,
)

SERVER_TIMEZONE = "99"
TOTALS = ("course", "category")
"""Items whose largest grade is each person's own: what is not graded yet is left out of it."""
ARCHETYPES = {"manager", "coursecreator", "editingteacher", "teacher", "student", "guest", "user", "frontpage"}


def read_users(reading: Reading) -> None:
    """Everyone the backup speaks of."""
    if not reading.header.tells_people:
        return
    if not (reading.folder / "users.xml").is_file():
        raise DamagedBackupError("users.xml is missing, though the backup says that it holds users")
    for user in each(reading.folder, "users.xml", "user"):
        zone = text(user, "timezone")
        reading.harvest.add(
            User,
            user_id=identity(user),
            username=text(user, "username"),
            email=text(user, "email") or None,
            first_name=text(user, "firstname"),
            last_name=text(user, "lastname"),
            idnumber=text(user, "idnumber") or None,
            institution=text(user, "institution") or None,
            department=text(user, "department") or None,
            country=text(user, "country") or None,
            language=text(user, "lang") or None,
            timezone=None if zone in (SERVER_TIMEZONE, "") else zone,
            is_deleted=text(user, "deleted") or "0",
            first_access_at=text(user, "firstaccess"),
            last_access_at=text(user, "lastaccess"),
            seen_at=reading.header.backup_at,
        )
        reading.harvest.add(CourseUser, user_id=identity(user))


def read_enrolments(reading: Reading) -> None:
    """Who is enrolled, by which method."""
    top = optional_root(reading.folder, "course/enrolments.xml")
    for method in top.iterfind("enrols/enrol") if top is not None else ():
        for enrolment in method.iterfind("user_enrolments/enrolment"):
            reading.harvest.add(
                Enrolment,
                enrolment_id=identity(enrolment),
                user_id=text(enrolment, "userid"),
                method=text(method, "enrol") or "manual",
                status=text(enrolment, "status") or 0,
                method_status=text(method, "status") or 0,
                starts_at=text(enrolment, "timestart"),
                ends_at=text(enrolment, "timeend"),
                modified_at=text(enrolment, "timemodified"),
            )


def read_roles(reading: Reading) -> None:
    """The roles people have in the course itself."""
    names: dict[str | None, tuple[str, str | None]] = {}
    defined = optional_root(reading.folder, "roles.xml")
    for role in defined.iterfind("role") if defined is not None else ():
        shortname = text(role, "shortname") or ""
        archetype = text(role, "archetype") or (shortname if shortname in ARCHETYPES else None)
        names[role.get("id")] = (shortname, archetype)
    given = optional_root(reading.folder, "course/roles.xml")
    for assignment in given.iterfind("role_assignments/assignment") if given is not None else ():
        role_id = text(assignment, "roleid")
        shortname, archetype = names.get(role_id, (f"role{role_id}", None))
        reading.harvest.add(
            RoleAssignment,
            assignment_id=identity(assignment),
            user_id=text(assignment, "userid"),
            role_id=role_id,
            role=shortname,
            archetype=archetype,
            modified_at=text(assignment, "timemodified"),
        )


def read_groups(reading: Reading) -> None:
    """Groups with their members, groupings with their groups."""
    add, top = reading.harvest.add, optional_root(reading.folder, "groups.xml")
    if top is None:
        return
    for group in top.iterfind("group"):
        add(
            Group,
            group_id=identity(group),
            name=text(group, "name") or "",
            idnumber=text(group, "idnumber") or None,
            visibility=text(group, "visibility") or 0,
            is_participation=text(group, "participation") or "1",
        )
        for member in group.iterfind("group_members/group_member"):
            facts = {"user_id": text(member, "userid"), "added_at": text(member, "timeadded")}
            add(GroupMember, group_id=identity(group), **facts)
    for grouping in top.iterfind("groupings/grouping"):
        facts = {"name": text(grouping, "name") or "", "idnumber": text(grouping, "idnumber") or None}
        add(Grouping, grouping_id=identity(grouping), **facts)
        for member in grouping.iterfind("grouping_groups/grouping_group"):
            add(GroupingGroup, grouping_id=identity(grouping), group_id=text(member, "groupid"))


def read_grades(reading: Reading, name: str, cmid: int | None = None) -> None:
    """Columns of the gradebook and what stands in them: a module's, or the course's own."""
    top = optional_root(reading.folder, name)
    for item in top.iterfind("grade_items/grade_item") if top is not None else ():
        reading.harvest.add(
            GradeItem,
            cmid=cmid,
            grade_item_id=identity(item),
            item_type=text(item, "itemtype") or "manual",
            item_module=text(item, "itemmodule"),
            item_instance=text(item, "iteminstance"),
            item_number=text(item, "itemnumber"),
            name=text(item, "itemname") or None,
            category_id=text(item, "categoryid"),
            grade_type=text(item, "gradetype") or 1,
            grade_max=text(item, "grademax"),
            grade_min=text(item, "grademin"),
            grade_pass=text(item, "gradepass"),
            scale_id=text(item, "scaleid"),
            is_hidden=_is_hidden(reading, item),
            position=text(item, "sortorder"),
        )
        for grade in item.iterfind("grade_grades/grade_grade"):
            _add_grade(reading, cmid, item, grade)


def _is_hidden(reading: Reading, element: Element) -> bool:
    """Moodle keeps 1 for hidden, or the moment until which it is."""
    hidden = number(element, "hidden")
    return hidden == 1 or hidden > reading.header.backup_at.timestamp()


def _add_grade(reading: Reading, cmid: int | None, item: Element, grade: Element) -> None:
    reading.harvest.add(
        Grade,
        cmid=cmid,
        grade_id=identity(grade),
        grade_item_id=identity(item),
        user_id=text(grade, "userid"),
        raw_grade=text(grade, "rawgrade"),
        final_grade=text(grade, "finalgrade"),
        grade_max=text(grade, "rawgrademax") if text(item, "itemtype") in TOTALS else None,
        feedback=reading.linked(text(grade, "feedback")),
        is_hidden=_is_hidden(reading, grade),
        is_overridden=text(grade, "overridden") or "0",
        is_excluded=text(grade, "excluded") or "0",
        created_at=text(grade, "timecreated"),
        graded_at=text(grade, "timemodified"),
    )


def read_completions(reading: Reading, name: str, cmid: int) -> None:
    """What Moodle says of each person's completion of a module."""
    top = optional_root(reading.folder, name)
    if top is None:
        return
    views = top.find("completionviews")
    viewers = {text(view, "userid") for view in views} if views is not None else set()
    for completion in top.iterfind("completion"):
        user, state = text(completion, "userid"), text(completion, "completionstate") or "0"
        reading.harvest.add(
            Completion,
            cmid=cmid,
            user_id=user,
            state=state,
            is_viewed=user in viewers if views is not None else text(completion, "viewed"),
            completed_at=text(completion, "timemodified") if state != "0" else None,
        )


def read_course_completions(reading: Reading) -> None:
    """Each person's way to completing the course."""
    top = optional_root(reading.folder, "completion.xml")
    for completion in top.iterfind("course_completions") if top is not None else ():
        reading.harvest.add(
            CourseCompletion,
            user_id=text(completion, "userid"),
            enrolled_at=text(completion, "timeenrolled"),
            started_at=text(completion, "timestarted"),
            completed_at=text(completion, "timecompleted"),
        )
