"""Reads assignments with submissions and grades, forums with discussions and posts, and choices."""

from collections.abc import Iterator, Mapping
from typing import Any

from studium.moodle.backup.activities import options_page
from studium.moodle.backup.course import SEPARATE_GROUPS
from studium.moodle.backup.texts import is_blank
from studium.moodle.records.activity import (
    Assignment,
    AssignmentGrade,
    AssignmentSubmission,
    Choice,
    Forum,
    ForumDiscussion,
    ForumPost,
)
from studium.moodle.webservice.reader.reading import ModulePart, plain

OPTIONS = "mod_choice_get_choice_options"


def read_assignment(part: ModulePart) -> None:
    """An assignment: what is asked, what was handed in, how it was marked."""
    body = part.body
    grade, most = int(body.get("grade") or 0), int(body.get("maxattempts") or -1)
    part.reading.harvest.add(
        Assignment,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        name=part.home.title,
        opens_at=body.get("allowsubmissionsfromdate"),
        due_at=body.get("duedate"),
        cutoff_at=body.get("cutoffdate"),
        grading_due_at=body.get("gradingduedate"),
        grade_max=grade if grade > 0 else None,
        scale_id=-grade if grade < 0 else None,
        attempts_allowed=most if most > 0 else None,
        is_team=body.get("teamsubmission") or 0,
        is_blind=body.get("blindmarking") or 0,
    )
    for submission in _told(part, "mod_assign_get_submissions", "submissions"):
        _add_submission(part, submission)
    feedback = _feedback(part)
    for marked in _told(part, "mod_assign_get_grades", "grades"):
        _add_grade(part, marked, feedback.get(marked["userid"]))


def _told(part: ModulePart, function: str, name: str) -> Iterator[Mapping[str, Any]]:
    answer = part.reading.ask_about_work(part.cmid, function, assignmentids=[part.instance_id])
    for assignment in answer["assignments"] if answer else []:
        yield from assignment[name]


def _feedback(part: ModulePart) -> dict[int, str]:
    """What the gradebook passes on of the markers' comments; asking the assignment would be a call a person."""
    answer = part.reading.ask("gradereport_user_get_grade_items", courseid=part.reading.course.course_id)
    return {
        person["userid"]: item["feedback"]
        for person in (answer["usergrades"] if answer else [])
        for item in person["gradeitems"]
        if item.get("cmid") == part.cmid and item.get("feedback")
    }


def _add_submission(part: ModulePart, submission: Mapping[str, Any]) -> None:
    plugins = {plugin["type"]: plugin for plugin in submission.get("plugins") or []}
    texts = [field.get("text") for field in plugins.get("onlinetext", {}).get("editorfields") or []]
    areas = plugins.get("file", {}).get("fileareas")
    part.reading.harvest.add(
        AssignmentSubmission,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        submission_id=submission["id"],
        user_id=submission.get("userid"),
        group_id=submission.get("groupid"),
        attempt_number=submission.get("attemptnumber") or 0,
        is_latest=True,
        status=submission.get("status") or "new",
        online_text=part.reading.linked("\n".join(text for text in texts if text) or None),
        file_count=None if areas is None else sum(len(area.get("files") or []) for area in areas),
        created_at=submission.get("timecreated"),
        modified_at=submission.get("timemodified"),
    )


def _add_grade(part: ModulePart, marked: Mapping[str, Any], feedback: str | None) -> None:
    grade = str(marked.get("grade") or "")
    part.reading.harvest.add(
        AssignmentGrade,
        cmid=part.cmid,
        assignment_id=part.instance_id,
        assignment_grade_id=marked["id"],
        user_id=marked["userid"],
        grader_id=marked.get("grader"),
        attempt_number=marked.get("attemptnumber") or 0,
        grade=None if grade.startswith("-1") else grade,
        feedback=part.reading.linked(feedback),
        created_at=marked.get("timecreated"),
        modified_at=marked.get("timemodified"),
    )


def read_forum(part: ModulePart) -> None:
    """A forum: discussions and posts; as a material each discussion everyone in it may read."""
    part.reading.harvest.add(
        Forum,
        cmid=part.cmid,
        forum_id=part.instance_id,
        type=part.body.get("type") or "general",
        name=part.home.title,
        due_at=part.body.get("duedate"),
        cutoff_at=part.body.get("cutoffdate"),
    )
    answer = part.reading.ask_about_work(part.cmid, "mod_forum_get_forum_discussions", forumid=part.instance_id)
    for discussion in answer["discussions"] if answer else []:
        _add_discussion(part, discussion)


def _add_discussion(part: ModulePart, discussion: Mapping[str, Any]) -> None:
    discussion_id, name = discussion["discussion"], plain(discussion.get("name")) or "Discussion"
    part.reading.harvest.add(
        ForumDiscussion,
        cmid=part.cmid,
        forum_id=part.instance_id,
        discussion_id=discussion_id,
        group_id=discussion.get("groupid"),
        user_id=discussion.get("userid"),
        name=name,
        first_post_id=discussion.get("id"),
        is_pinned=discussion.get("pinned") or 0,
        starts_at=discussion.get("timestart"),
        ends_at=discussion.get("timeend"),
        modified_at=discussion.get("timemodified"),
    )
    answer = part.reading.ask_about_work(part.cmid, "mod_forum_get_discussion_posts", discussionid=discussion_id)
    posts = sorted(answer["posts"] if answer else [], key=lambda post: (post.get("timecreated") or 0, post["id"]))
    authors = {post["id"]: (post.get("author") or {}).get("id") for post in posts}
    for post in posts:
        _add_post(part, discussion_id, post, authors)
    is_timed = int(discussion.get("timestart") or 0) > part.reading.at.timestamp()
    if not is_timed and not discussion.get("timeend"):  # else shown for a time only, which a material cannot say
        _add_material(part, discussion, _readable(part, posts))


def _add_post(part: ModulePart, discussion_id: int, post: Mapping[str, Any], authors: Mapping[int, int | None]) -> None:
    parent = post.get("parentid")
    part.reading.harvest.add(
        ForumPost,
        cmid=part.cmid,
        discussion_id=discussion_id,
        post_id=post["id"],
        parent_id=parent,
        user_id=authors[post["id"]],
        subject=plain(post.get("subject")) or None,
        message=part.reading.linked(post.get("message"), part.place("post", post["id"])),
        # a private reply is to whoever wrote what it answers
        private_reply_to=authors.get(parent or 0) if post.get("isprivatereply") else None,
        is_deleted=post.get("isdeleted") or 0,
        created_at=post.get("timecreated"),
        modified_at=post.get("timemodified"),
    )


def _readable(part: ModulePart, posts: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The posts every reader of a discussion sees: in a question-and-answer forum only the question."""
    seen = [post for post in posts if not post.get("isprivatereply") and not post.get("isdeleted")]
    return [post for post in seen if not post.get("hasparent")] if part.body.get("type") == "qanda" else seen


def _add_material(part: ModulePart, discussion: Mapping[str, Any], posts: list[Mapping[str, Any]]) -> None:
    reading, discussion_id = part.reading, discussion["discussion"]
    key, url = f"forum:{part.cmid}:discussion:{discussion_id}", reading.url(f"/mod/forum/discuss.php?d={discussion_id}")
    group = int(discussion.get("groupid") or -1)
    is_apart = str(part.module.get("groupmode")) == SEPARATE_GROUPS and group > 0
    facts: dict[str, object] = {"url": url, "group_id": group if is_apart else None}
    texts = [reading.html(p.get("message"), p.get("messageformat"), part.place("post", p["id"])) for p in posts]
    page = "".join(f"<article>{text}</article>" for text in texts if not is_blank(text))
    modified = max((int(post.get("timemodified") or 0) for post in posts), default=0)
    heading = plain(discussion.get("name")) or "Discussion"
    reading.add_text(part.home, key, page, heading=heading, time_modified=modified, **facts)
    for post in posts:
        for files in ("messageinlinefiles", "attachments"):
            reading.add_files(part.home, key, post.get(files) or [], with_pictures=False, **facts)


def read_choice(part: ModulePart) -> None:
    """A choice: what is asked and when. What may be chosen is told only to those who may choose."""
    dates = {date.get("dataid"): date.get("timestamp") for date in part.module.get("dates") or []}
    part.reading.harvest.add(
        Choice,
        cmid=part.cmid,
        choice_id=part.instance_id,
        name=part.home.title,
        opens_at=part.body.get("timeopen") or dates.get("timeopen"),
        closes_at=part.body.get("timeclose") or dates.get("timeclose"),
        allows_several=part.body.get("allowmultiple") or 0,
    )
    told = part.reading.ask(OPTIONS, choiceid=part.instance_id) if tells_options(part.body) else None
    if told:
        options = sorted(told["options"], key=lambda option: option["id"])
        page = options_page(plain(option.get("text")) for option in options)
        part.reading.add_text(part.home, f"choice:{part.cmid}:options", page)


def tells_options(choice: Mapping[str, Any]) -> bool:
    """Whether the site would tell the options: Moodle lists this of a choice only to those who may choose."""
    return "allowmultiple" in choice
