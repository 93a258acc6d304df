"""Which course a person means."""

from studium.database.pool import Role, connect
from studium.moodle.keys import CourseKey
from studium.settings import Settings


class CourseUnknownError(Exception):
    """No course, or more than one, goes by that name; the message lists what there is."""


def find_course(settings: Settings, name: str) -> CourseKey:
    """The course called `name`: its short name, or its key `site:course`."""
    with connect(settings, Role.PIPELINE) as connection:
        rows = connection.execute("select site_id, course_id, shortname from raw.courses order by 1, 2").fetchall()
    known = {CourseKey(site_id, course_id): shortname for site_id, course_id, shortname in rows}
    found = [key for key, shortname in known.items() if name in (str(key), shortname)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{shortname} ({key})" for key, shortname in known.items()) or "none yet: import a backup first"
    word = "Several courses are" if found else "No course is"
    raise CourseUnknownError(f"{word} called {name!r}. Courses here: {listed}.")
