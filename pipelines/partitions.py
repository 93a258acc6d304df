"""Partitions shared by the assets of a course, or of a learner. A leaf: imports nothing of Studium's other rooms."""

import dagster as dg

courses = dg.DynamicPartitionsDefinition(name="courses")
"""One partition a course, keyed `site:course` (studium.moodle.keys.CourseKey)."""

learners = dg.DynamicPartitionsDefinition(name="learners")
"""One partition a learner, keyed by the account's id."""
