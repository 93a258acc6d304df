"""Records of the people of a course: who they are, their groups and roles, what the gradebook and completion say."""

from studium.moodle.records.fields import Flag, Id, MaybeCount, MaybeFlag, Moment, Number, Reference, Small
from studium.moodle.records.row import MODULE, USER, CourseRow, Pointer, Row


class User(Row):
    """One row per person of a site, as the newest backup that speaks of them says."""

    table = "users"
    key = ("user_id",)
    is_personal = True

    user_id: Id
    username: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    idnumber: str | None = None
    institution: str | None = None
    department: str | None = None
    country: str | None = None
    language: str | None = None
    timezone: str | None = None
    is_deleted: Flag = False
    first_access_at: Moment = None
    last_access_at: Moment = None
    seen_at: Moment


class CourseUser(CourseRow):
    """One row per person a course's backup speaks of."""

    table = "course_users"
    key = ("course_id", "user_id")
    refers = (USER,)
    is_personal = True

    user_id: Id


class Enrolment(CourseRow):
    """One row per enrolment of a person by one method."""

    table = "enrolments"
    key = ("enrolment_id",)
    refers = (USER,)
    is_personal = True

    enrolment_id: Id
    user_id: Id
    method: str
    status: Small
    method_status: Small
    starts_at: Moment = None
    ends_at: Moment = None
    modified_at: Moment = None


class RoleAssignment(CourseRow):
    """One row per role of a person in the course itself."""

    table = "role_assignments"
    key = ("assignment_id",)
    refers = (USER,)
    is_personal = True

    assignment_id: Id
    user_id: Id
    role_id: Id
    role: str
    archetype: str | None = None
    modified_at: Moment = None


class Group(CourseRow):
    """One row per group of a course."""

    table = "groups"
    key = ("group_id",)

    group_id: Id
    name: str
    idnumber: str | None = None
    visibility: Small = 0
    is_participation: Flag = True


class GroupMember(CourseRow):
    """One row per person in a group."""

    table = "group_members"
    key = ("group_id", "user_id")
    refers = (Pointer("group_id", "groups"), USER)
    is_personal = True

    group_id: Id
    user_id: Id
    added_at: Moment = None


class Grouping(CourseRow):
    """One row per grouping (a named set of groups)."""

    table = "groupings"
    key = ("grouping_id",)

    grouping_id: Id
    name: str
    idnumber: str | None = None


class GroupingGroup(CourseRow):
    """One row per group in a grouping."""

    table = "grouping_groups"
    key = ("grouping_id", "group_id")
    refers = (Pointer("grouping_id", "groupings"), Pointer("group_id", "groups"))

    grouping_id: Id
    group_id: Id


class GradeItem(CourseRow):
    """One row per column of the gradebook."""

    table = "grade_items"
    key = ("grade_item_id",)
    refers = (MODULE,)

    cmid: Reference = None
    grade_item_id: Id
    item_type: str
    item_module: str | None = None
    item_instance: Reference = None
    item_number: MaybeCount = None
    name: str | None = None
    category_id: Reference = None
    grade_type: Small = 1
    grade_max: Number = None
    grade_min: Number = None
    grade_pass: Number = None
    scale_id: Reference = None
    is_hidden: Flag = False
    position: MaybeCount = None


class Grade(CourseRow):
    """One row per cell of the gradebook (a person, a column), empty ones included."""

    table = "grades"
    key = ("grade_id",)
    refers = (MODULE, Pointer("grade_item_id", "grade_items"), USER)
    is_personal = True

    cmid: Reference = None
    grade_id: Id
    grade_item_id: Id
    user_id: Id
    raw_grade: Number = None
    final_grade: Number = None
    grade_max: Number = None
    feedback: str | None = None
    is_hidden: Flag = False
    is_overridden: Flag = False
    is_excluded: Flag = False
    created_at: Moment = None
    graded_at: Moment = None


class Completion(CourseRow):
    """One row what Moodle says of a person's completion of a module."""

    table = "completions"
    key = ("cmid", "user_id")
    refers = (MODULE, USER)
    is_personal = True

    cmid: Id
    user_id: Id
    state: Small
    is_viewed: MaybeFlag = None
    completed_at: Moment = None


class CourseCompletion(CourseRow):
    """One row per person on the way to completing the course."""

    table = "course_completions"
    key = ("course_id", "user_id")
    refers = (USER,)
    is_personal = True

    user_id: Id
    enrolled_at: Moment = None
    started_at: Moment = None
    completed_at: Moment = None


ROWS = (
    User,
    CourseUser,
    Enrolment,
    RoleAssignment,
    Group,
    GroupMember,
    Grouping,
    GroupingGroup,
    GradeItem,
    Grade,
    Completion,
    CourseCompletion,
)
