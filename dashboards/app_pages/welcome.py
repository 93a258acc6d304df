"""What can I do before I am in a course?"""

from dashboards.components import frame

frame.heading("Welcome to Studium")
frame.empty(
    "menu_book",
    "No course yet",
    "Your account is not tied to a course. Open the invitation your instructor sent you, or ask them for one. "
    "You can upload files of your own meanwhile.",
)
