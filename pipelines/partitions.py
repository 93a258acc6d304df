"""Partitions shared by every asset of a course. A leaf: imports nothing of Studium's other rooms."""

import dagster as dg

courses = dg.DynamicPartitionsDefinition(name="courses")
"""One partition a course, keyed `site:course` (studium.moodle.keys.CourseKey)."""
