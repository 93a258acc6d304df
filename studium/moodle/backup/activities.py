"""Reads assignments with submissions and grades, forums with discussions and posts, and choices."""

import html
from collections.abc import Iterable

from lxml.etree import _Element as Element

from studium.moodle.backup.reading import ModulePart
from studium.moodle.backup.texts import is_blank
from studium.moodle.backup.xml import identity, number, text
from studium.moodle.records.activity import (
    Assignment,
    AssignmentGrade,
    AssignmentSubmission,
    Choice,
    ChoiceAnswer,
    ChoiceOption,
    Forum,
    ForumDiscussion,
    ForumPost,
)


def read_assignment(part: ModulePart) -> None:
    """An assignment: what is asked, what was handed in, how it was marked."""
    body, grade, most = part.body, number(part.body, "grade"), number(part.body, "maxattempts", -1)
    part.reading.harvest.add(
        Assignment,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        name=part.home.title,
        opens_at=text(body, "allowsubmissionsfromdate"),
        due_at=text(body, "duedate"),
        cutoff_at=text(body, "cutoffdate"),
        grading_due_at=text(body, "gradingduedate"),
        grade_max=grade if grade > 0 else None,
        scale_id=-grade if grade < 0 else None,
        attempts_allowed=most if most > 0 else None,
        is_team=number(body, "teamsubmission") != 0,
        is_blind=number(body, "blindmarking") != 0,
    )
    for submission in body.iterfind("submissions/submission"):
        _add_submission(part, submission)
    for marked in body.iterfind("grades/grade"):
        _add_grade(part, marked)


def _add_submission(part: ModulePart, submission: Element) -> None:
    online = [text(e, "onlinetext") for e in submission.iter("submission_onlinetext")]
    files = [number(e, "numfiles") for e in submission.iter("submission_file")]
    part.reading.harvest.add(
        AssignmentSubmission,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        submission_id=identity(submission),
        user_id=text(submission, "userid"),
        group_id=text(submission, "groupid"),
        attempt_number=number(submission, "attemptnumber"),
        is_latest=text(submission, "latest") or "1",
        status=text(submission, "status") or "new",
        online_text=part.reading.linked("\n".join(t for t in online if t) or None),
        file_count=sum(files) if files else None,
        created_at=text(submission, "timecreated"),
        modified_at=text(submission, "timemodified"),
    )


def _add_grade(part: ModulePart, marked: Element) -> None:
    grade = text(marked, "grade")
    comments = [text(e, "commenttext") for e in marked.iter("feedback_comments")]
    part.reading.harvest.add(
        AssignmentGrade,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        assignment_grade_id=identity(marked),
        user_id=text(marked, "userid"),
        grader_id=text(marked, "grader"),
        attempt_number=number(marked, "attemptnumber"),
        grade=None if grade is None or grade.startswith("-1") else grade,
        feedback=part.reading.linked("\n".join(c for c in comments if c) or None),
        created_at=text(marked, "timecreated"),
        modified_at=text(marked, "timemodified"),
    )


def read_forum(part: ModulePart) -> None:
    """A forum: discussions and posts; as a material each discussion everyone in it may read."""
    part.reading.harvest.add(
        Forum,
        cmid=part.cmid,
        forum_id=part.instance_id,
        type=text(part.body, "type") or "general",
        name=part.home.title,
        due_at=text(part.body, "duedate"),
        cutoff_at=text(part.body, "cutoffdate"),
    )
    for discussion in part.body.iterfind("discussions/discussion"):
        _add_discussion(part, discussion)


def _add_discussion(part: ModulePart, discussion: Element) -> None:
    discussion_id, name = identity(discussion), text(discussion, "name") or "Discussion"
    part.reading.harvest.add(
        ForumDiscussion,
        cmid=part.cmid,
        forum_id=part.instance_id,
        discussion_id=discussion_id,
        group_id=text(discussion, "groupid"),
        user_id=text(discussion, "userid"),
        name=name,
        first_post_id=text(discussion, "firstpost"),
        is_pinned=number(discussion, "pinned") != 0,
        starts_at=text(discussion, "timestart"),
        ends_at=text(discussion, "timeend"),
        modified_at=text(discussion, "timemodified"),
    )
    posts = sorted(discussion.iterfind("posts/post"), key=lambda p: (number(p, "created"), identity(p)))
    for post in posts:
        _add_post(part, discussion_id, post)
    is_timed = number(discussion, "timestart") > part.reading.header.backup_at.timestamp()
    if is_timed or number(discussion, "timeend"):
        return  # shown for a time only, which a material cannot say: left out rather than shown too long
    group = number(discussion, "groupid", -1)
    is_apart = part.cmid in part.reading.separate_groups and group > 0
    _add_material(part, discussion_id, name, _readable(part, posts), group if is_apart else None)


def _readable(part: ModulePart, posts: list[Element]) -> list[Element]:
    """The posts every reader of a discussion sees: in a question-and-answer forum only the question."""
    seen = [p for p in posts if not number(p, "privatereplyto") and not number(p, "deleted")]
    return [p for p in seen if not number(p, "parent")] if text(part.body, "type") == "qanda" else seen


def _add_post(part: ModulePart, discussion_id: int, post: Element) -> None:
    post_id = identity(post)
    part.reading.harvest.add(
        ForumPost,
        cmid=part.cmid,
        discussion_id=discussion_id,
        post_id=post_id,
        parent_id=text(post, "parent"),
        user_id=text(post, "userid"),
        subject=text(post, "subject"),
        message=part.reading.linked(text(post, "message"), part.place("post", post_id)),
        private_reply_to=text(post, "privatereplyto"),
        is_deleted=number(post, "deleted") != 0,
        created_at=text(post, "created"),
        modified_at=text(post, "modified"),
    )


def _add_material(part: ModulePart, discussion_id: int, name: str, posts: list[Element], group: int | None) -> None:
    reading, key = part.reading, f"forum:{part.cmid}:discussion:{discussion_id}"
    url = reading.url(f"/mod/forum/discuss.php?d={discussion_id}")
    messages = [reading.html(post, "message", part.place("post", identity(post))) for post in posts]
    page = "".join(f"<article>{message}</article>" for message in messages if not is_blank(message))
    modified = max((number(post, "modified") for post in posts), default=0)
    reading.add_text(part.home, key, page, heading=name, url=url, group_id=group, time_modified=modified)
    for post in posts:
        for area in ("post", "attachment"):
            place = part.place(area, identity(post))
            reading.add_files(part.home, key, place, with_pictures=False, url=url, group_id=group)


def read_choice(part: ModulePart) -> None:
    """A choice: its options and who took which."""
    add, body = part.reading.harvest.add, part.body
    add(
        Choice,
        cmid=part.cmid,
        choice_id=part.instance_id,
        name=part.home.title,
        opens_at=text(body, "timeopen"),
        closes_at=text(body, "timeclose"),
        allows_several=number(body, "allowmultiple") != 0,
    )
    of_choice = {"cmid": part.cmid, "choice_id": part.instance_id}
    for position, option in enumerate(body.iterfind("options/option"), start=1):
        facts = {"option_id": identity(option), "position": position, "text": text(option, "text")}
        add(ChoiceOption, **of_choice, **facts, max_answers=text(option, "maxanswers"))
    if _shows_options(part):
        page = options_page(text(option, "text") or "" for option in body.iterfind("options/option"))
        part.reading.add_text(part.home, f"choice:{part.cmid}:options", page)
    for answer in body.iterfind("answers/answer"):
        facts = {
            "answer_id": identity(answer),
            "option_id": text(answer, "optionid"),
            "user_id": text(answer, "userid"),
        }
        add(ChoiceAnswer, **of_choice, **facts, modified_at=text(answer, "timemodified"))


def _shows_options(part: ModulePart) -> bool:
    """Whether learners were shown the options when the backup was made: while one may choose, or before to look at."""
    now = part.reading.header.backup_at.timestamp()
    opens, closes = number(part.body, "timeopen"), number(part.body, "timeclose")
    if opens > now:
        return number(part.body, "showpreview") != 0
    return not closes or closes >= now


def options_page(options: Iterable[str]) -> str:
    """What may be chosen, to be read."""
    items = "".join(f"<li>{html.escape(option)}</li>" for option in options if option)
    return f"<ul>{items}</ul>" if items else ""
