"""Which questions can learners of my course practise, and how do I add to them?"""

from dashboards.components import bank_list, bank_making, frame

course = frame.current_course()
with frame.problems_in_words():
    frame.heading("Question bank", course.as_of, f"What learners of {course.shortname} practise with")
    with frame.card("bank"):
        bank_list.listing(course.course_id)
    with frame.card("make"):
        bank_making.make(course.course_id)
    with frame.card("write"):
        bank_making.write(course.course_id)
    with frame.card("files"):
        bank_making.files(course.course_id)
