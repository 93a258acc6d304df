"""Changes that matter for what may be seen. The experiment has none of them: each rests on the recording it names."""

from moodle_site.recordings import ALL_COURSES, recording
from moodle_site.site import Site


def vanish(site: Site, course: int) -> None:
    """The course is gone: no list has it, and its contents are `ERR_no_such_course`, as recorded for course 99999."""
    with site.lock:
        gone = recording("core_course_get_contents/service/ERR_no_such_course").body
        site.recordings.edited.add(str(course))
        site.recordings.replace("core_course_get_contents", gone, courseid=str(course))
        for courses in site.recordings.to_edit("core_course_get_courses"):
            courses[:] = [row for row in courses if row["id"] != course]
        for body in site.recordings.to_edit("core_course_get_courses_by_field"):
            body["courses"] = [row for row in body["courses"] if row["id"] != course]


def hide_section(site: Site, course: int, section: int) -> None:
    """A section is hidden, as section 6 of course 2 was recorded: there for staff, gone for students."""
    with site.lock:
        site.recordings.edited.add(str(course))
        for sections in site.recordings.to_edit("core_course_get_contents", courseid=str(course)):
            staff = any(not module["visible"] for row in sections for module in row["modules"])
            row = next(row for row in sections if row["section"] == section)
            row["visible"] = 0
            if not staff:
                sections.remove(row)


def change_group(site: Site, course: int, user: int, *, old: int, new: int) -> None:
    """A person leaves one group for another, in the list of people and in that of the groups' members."""
    with site.lock:
        for people in site.recordings.to_edit("core_enrol_get_enrolled_users", courseid=str(course)):
            groups = {group["id"]: group for person in people for group in person.get("groups", [])}
            person = next(person for person in people if person["id"] == user)
            person["groups"] = [groups[new] if group["id"] == old else group for group in person["groups"]]
        asked = {f"groupids[{index}]": str(index + 1) for index in range(4)}
        for members in site.recordings.to_edit("core_group_get_group_members", **asked):
            for group in members:
                if group["groupid"] == old and user in group["userids"]:
                    group["userids"].remove(user)
                if group["groupid"] == new:
                    group["userids"].append(user)


def show(site: Site, course: int, cmid: int) -> None:
    """A hidden page is shown, as the pages beside it were recorded; of accounts that did not get it, none does now."""
    with site.lock:
        site.recordings.edited.add(str(course))
        for sections in site.recordings.to_edit("core_course_get_contents", courseid=str(course)):
            for module in (module for section in sections for module in section["modules"] if module["id"] == cmid):
                module["visible"] = 1
        courses = {f"courseids[{index}]": number for index, number in enumerate(ALL_COURSES)}
        for body in site.recordings.to_edit("mod_page_get_pages_by_courses", **courses):
            for page in (page for page in body["pages"] if page["coursemodule"] == cmid):
                page["visible"] = True


def change_condition(site: Site, course: int, cmid: int, old: str, new: str) -> None:
    """Who may see a module is another matter from now on: a part of its condition, as recorded, is replaced."""
    with site.lock:
        site.recordings.edited.add(str(course))
        for sections in site.recordings.to_edit("core_course_get_contents", courseid=str(course)):
            for module in (module for section in sections for module in section["modules"] if module["id"] == cmid):
                if module.get("availability"):
                    assert old in module["availability"]
                    module["availability"] = module["availability"].replace(old, new)
