"""How a thing of a Moodle site is named across Studium: `<site_id>:<Moodle id>`, in content, app and marts alike."""

import re
from typing import NamedTuple

import httpx2


class CourseKey(NamedTuple):
    """A course of a site; its text is a Dagster partition key, and `course_id` in content, app and marts."""

    site_id: str
    course_id: int

    def __str__(self) -> str:
        return f"{self.site_id}:{self.course_id}"

    @classmethod
    def parse(cls, text: str) -> "CourseKey":
        """Read `site:course`; `ValueError` when it is not one."""
        site_id, separator, course_id = text.rpartition(":")
        if not (separator and site_id and course_id.isdecimal()):
            raise ValueError(f"{text!r} is not a course key; it should read like moodle-example-org:2")
        return cls(site_id, int(course_id))


OWN = "--"
"""Stands between a site's name and whose view of it a name is; no address becomes a name with two dashes in a row."""


def is_own(site_id: str) -> bool:
    """Whether this is a site as one learner sees it (`own_view`)."""
    return OWN in site_id


def site_asked(site_id: str) -> str:
    """The site that is asked for this one."""
    return site_id.partition(OWN)[0]


def site_id_of(wwwroot: str) -> str:
    """The short name of a site: its address without scheme, in lower case, everything but letters and digits as `-`.

    However the address is written: with the scheme's own port or without, a name in any script or as DNS has it.
    """
    try:
        url = httpx2.URL(wwwroot.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if not url.host:
        raise ValueError(f"{wwwroot!r} is not the address of a Moodle site")
    return re.sub(r"[^a-z0-9]+", "-", f"{url.netloc.decode()}{url.path}".lower()).strip("-")
