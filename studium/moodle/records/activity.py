"""Records of assignments, forums and choices."""

from studium.moodle.records.fields import Count, Flag, Id, MaybeCount, Moment, Number, Reference
from studium.moodle.records.row import MODULE, USER, CourseRow, Pointer


class Assignment(CourseRow):
    """One row per assignment."""

    table = "assignments"
    key = ("assignment_id",)
    refers = (MODULE,)

    cmid: Id
    assignment_id: Id
    name: str
    opens_at: Moment = None
    due_at: Moment = None
    cutoff_at: Moment = None
    grading_due_at: Moment = None
    grade_max: Number = None
    scale_id: Reference = None
    attempts_allowed: MaybeCount = None
    is_team: Flag = False
    is_blind: Flag = False


class AssignmentSubmission(CourseRow):
    """One row per submission of a person (or of a group, without a person) in one attempt."""

    table = "assignment_submissions"
    key = ("submission_id",)
    refers = (Pointer("assignment_id", "assignments"), USER)
    is_personal = True

    cmid: Id
    assignment_id: Id
    submission_id: Id
    user_id: Reference = None
    group_id: Reference = None
    attempt_number: Count
    is_latest: Flag = True
    status: str
    online_text: str | None = None
    file_count: MaybeCount = None
    created_at: Moment = None
    modified_at: Moment = None


class AssignmentGrade(CourseRow):
    """One row per grade a marker gave to one attempt of a person."""

    table = "assignment_grades"
    key = ("assignment_grade_id",)
    refers = (Pointer("assignment_id", "assignments"), USER)
    is_personal = True

    cmid: Id
    assignment_id: Id
    assignment_grade_id: Id
    user_id: Id
    grader_id: Reference = None
    attempt_number: Count
    grade: Number = None
    feedback: str | None = None
    created_at: Moment = None
    modified_at: Moment = None


class Forum(CourseRow):
    """One row per forum."""

    table = "forums"
    key = ("forum_id",)
    refers = (MODULE,)

    cmid: Id
    forum_id: Id
    type: str
    name: str
    due_at: Moment = None
    cutoff_at: Moment = None


class ForumDiscussion(CourseRow):
    """One row per discussion of a forum."""

    table = "forum_discussions"
    key = ("discussion_id",)
    refers = (Pointer("forum_id", "forums"),)
    is_personal = True

    cmid: Id
    forum_id: Id
    discussion_id: Id
    group_id: Reference = None
    user_id: Reference = None
    name: str
    first_post_id: Reference = None
    is_pinned: Flag = False
    starts_at: Moment = None
    ends_at: Moment = None
    modified_at: Moment = None


class ForumPost(CourseRow):
    """One row per post of a discussion, private replies included."""

    table = "forum_posts"
    key = ("post_id",)
    refers = (Pointer("discussion_id", "forum_discussions"),)
    is_personal = True

    cmid: Id
    discussion_id: Id
    post_id: Id
    parent_id: Reference = None
    user_id: Reference = None
    subject: str | None = None
    message: str | None = None
    private_reply_to: Reference = None
    is_deleted: Flag = False
    created_at: Moment = None
    modified_at: Moment = None


class Choice(CourseRow):
    """One row per choice (a poll)."""

    table = "choices"
    key = ("choice_id",)
    refers = (MODULE,)

    cmid: Id
    choice_id: Id
    name: str
    opens_at: Moment = None
    closes_at: Moment = None
    allows_several: Flag = False


class ChoiceOption(CourseRow):
    """One row per option of a choice."""

    table = "choice_options"
    key = ("option_id",)
    refers = (Pointer("choice_id", "choices"),)

    cmid: Id
    choice_id: Id
    option_id: Id
    position: Count
    text: str | None = None
    max_answers: MaybeCount = None


class ChoiceAnswer(CourseRow):
    """One row per option a person chose."""

    table = "choice_answers"
    key = ("answer_id",)
    refers = (Pointer("option_id", "choice_options"), USER)
    is_personal = True

    cmid: Id
    choice_id: Id
    answer_id: Id
    option_id: Id
    user_id: Id
    modified_at: Moment = None


ROWS = (
    Assignment,
    AssignmentSubmission,
    AssignmentGrade,
    Forum,
    ForumDiscussion,
    ForumPost,
    Choice,
    ChoiceOption,
    ChoiceAnswer,
)
