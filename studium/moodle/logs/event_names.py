"""The names of Moodle's events, as data: what the log report displays (English) and the class the log store keeps.

Both sources of a log must agree on what an event is. The class is the identity; a report is translated to it. Covers
Moodle 4.5 and its standard plugins, with names of older releases behind a `/`. What is done with an event is not
said here.
"""

import re
from collections.abc import Iterator
from typing import Final

MODULES: Final = {
    "assign": "Assignment",
    "assignment": "Assignment 2.2 (Disabled)",
    "bigbluebuttonbn": "BigBlueButton/BigBlueButtonBN",
    "book": "Book",
    "chat": "Chat",
    "choice": "Choice",
    "data": "Database",
    "feedback": "Feedback",
    "folder": "Folder",
    "forum": "Forum",
    "glossary": "Glossary",
    "h5pactivity": "H5P",
    "hvp": "Interactive Content",
    "imscp": "IMS content package",
    "label": "Text and media area/Label",
    "lesson": "Lesson",
    "lti": "External tool/LTI External tool",
    "page": "Page",
    "qbank": "Question bank",
    "quiz": "Quiz",
    "resource": "File",
    "scorm": "SCORM package",
    "subsection": "Subsection",
    "survey": "Survey",
    "url": "URL",
    "wiki": "Wiki",
    "workshop": "Workshop",
}

OTHER_COMPONENTS: Final = {
    "core": "System",
    "assignsubmission_comments": "Submission comments",
    "assignsubmission_file": "File submissions",
    "assignsubmission_onlinetext": "Online text submissions",
    "booktool_exportimscp": "Book IMS content package export",
    "booktool_print": "Print book",
    "core_grades": "core_grades",
    "core_h5p": "core_h5p",
    "core_question": "core_question",
    "gradereport_grader": "Grader report",
    "gradereport_history": "Grade history",
    "gradereport_outcomes": "Outcomes report",
    "gradereport_overview": "Overview report",
    "gradereport_singleview": "Single view",
    "gradereport_summary": "Grade summary",
    "gradereport_user": "User report",
    "logstore_legacy": "Legacy log",
    "message": "Messaging",
    "quiz_overview": "Grades",
    "quizaccess_seb": "Safe Exam Browser access rules",
    "report_completion": "Course completion",
    "report_log": "Logs",
    "report_loglive": "Live logs",
    "report_outline": "Activity report",
    "report_participation": "Course participation",
    "report_progress": "Activity completion",
    "report_questioninstances": "Question instances",
    "report_security": "Security checks",
    "report_stats": "Statistics",
    "scormreport_basic": "Basic report",
    "tool_capability": "Capability overview",
    "tool_dataprivacy": "Data privacy",
    "tool_mobile": "Moodle app tools",
    "tool_monitor": "Event monitor",
    "tool_policy": "Policies",
    "tool_recyclebin": "Recycle bin",
    "tool_usertours": "User tours",
    "webservice": "Web services",
}

NAMES: Final = {
    "core": """
badge_archived=Badge archived; badge_awarded=Badge awarded; badge_created=Badge created
badge_criteria_created=Badge criteria created; badge_criteria_deleted=Badge criteria deleted
badge_criteria_updated=Badge criteria updated; badge_deleted=Badge deleted; badge_disabled=Badge disabled
badge_duplicated=Badge duplicated; badge_enabled=Badge enabled; badge_listing_viewed=Badge listing viewed
badge_revoked=Badge revoked; badge_updated=Badge updated; badge_viewed=Badge viewed
blog_association_created=Blog association created; blog_association_deleted=Blog association deleted
blog_comment_created=Blog comment created; blog_comment_deleted=Blog comment deleted
blog_entries_viewed=Blog entries viewed; blog_entry_created=Blog entry created; blog_entry_deleted=Blog entry deleted
blog_entry_updated=Blog entry updated; blog_external_added=Blog external added
blog_external_removed=Blog external removed; blog_external_updated=Blog external updated
blog_external_viewed=External blogs viewed; calendar_event_created=Calendar event created
calendar_event_deleted=Calendar event deleted; calendar_event_updated=Calendar event updated
calendar_subscription_created=Calendar subscription created
calendar_subscription_deleted=Calendar subscription deleted
calendar_subscription_updated=Calendar subscription updated
capability_assigned=Capability assigned; capability_unassigned=Capability unassigned
cohort_created=Cohort created; cohort_deleted=Cohort deleted; cohort_member_added=User added to a cohort
cohort_member_removed=User removed from a cohort; cohort_updated=Cohort updated
competency_comment_created=Competency comment created; competency_comment_deleted=Competency comment deleted
competency_created=Competency created; competency_deleted=Competency deleted
competency_evidence_created=Evidence created; competency_framework_created=Competency framework created
competency_framework_deleted=Competency framework deleted; competency_framework_updated=Competency framework updated
competency_framework_viewed=Competency framework viewed; competency_plan_approved=Learning plan approved
competency_plan_completed=Learning plan completed; competency_plan_created=Learning plan created
competency_plan_deleted=Learning plan deleted; competency_plan_reopened=Learning plan reopened
competency_plan_updated=Learning plan updated; competency_plan_viewed=Learning plan viewed
competency_updated=Competency updated; competency_user_competency_plan_viewed=User competency viewed in a learning plan
competency_user_competency_rated_in_course=User competency rated in course
competency_user_competency_rated_in_plan=User competency rated in learning plan
competency_user_competency_viewed=User competency viewed
competency_user_competency_viewed_in_course=User competency viewed in a course
competency_viewed=Competency viewed; config_log_created=Config log created
contentbank_content_created=Content created; contentbank_content_deleted=Content deleted
contentbank_content_updated=Content updated; contentbank_content_uploaded=Content uploaded
contentbank_content_viewed=Content viewed
context_locked=Context frozen; context_unlocked=Context unfrozen
course_backup_created=Course backup created; course_category_created=Category created
course_category_deleted=Category deleted; course_category_updated=Category updated
course_category_viewed=Category viewed; course_completed=Course completed
course_completion_updated=Course completion updated; course_content_deleted=Course content deleted
course_created=Course created; course_deleted=Course deleted; course_ended=Course ended
course_information_viewed=Course summary viewed; course_module_completion_updated=Course activity completion updated
course_module_created=Course module created; course_module_deleted=Course module deleted
course_module_updated=Course module updated; course_reset_ended=Course reset ended
course_reset_started=Course reset started; course_resources_list_viewed=Course resources list viewed
course_restored=Course restored; course_section_created=Course section created
course_section_deleted=Course section deleted; course_section_updated=Course section updated
course_started=Course started; course_updated=Course updated; course_user_report_viewed=Course user report viewed
course_viewed=Course viewed; courses_searched=Courses searched; courses_viewed=Courses viewed
dashboard_reset=Dashboard reset; dashboard_viewed=Dashboard viewed; dashboards_reset=Dashboards reset
database_text_field_content_replaced=Text field content replaced; draft_file_added=Draft file added
draft_file_deleted=Draft file deleted; email_failed=Email failed to send
enrol_instance_created=Enrolment instance created; enrol_instance_deleted=Enrolment instance deleted
enrol_instance_updated=Enrolment instance updated; grade_deleted=Grade deleted; grade_exported=Grade exported
grade_item_created=Grade item created; grade_item_deleted=Grade item deleted; grade_item_updated=Grade item updated
grade_letter_created=Grade letter created; grade_letter_deleted=Grade letter deleted
grade_letter_updated=Grade letter updated; group_created=Group created; group_deleted=Group deleted
group_member_added=Group member added; group_member_removed=Group member removed
group_message_sent=Group message sent; group_updated=Group updated; grouping_created=Grouping created
grouping_deleted=Grouping deleted; grouping_group_assigned=Group assigned to grouping
grouping_group_unassigned=Group unassigned from grouping; grouping_updated=Grouping updated
insights_viewed=Insights viewed; message_contact_added=Message contact added
message_contact_removed=Message contact removed; message_deleted=Message deleted; message_sent=Message sent
message_user_blocked=Message user blocked; message_user_unblocked=Message user unblocked
message_viewed=Message viewed; mnet_access_control_created=MNet access control created
mnet_access_control_updated=MNet access control updated; mycourses_viewed=My courses viewed
note_created=Note created; note_deleted=Note deleted; note_updated=Note updated; notes_viewed=Notes viewed
notification_sent=Notification sent; notification_viewed=Notification viewed
prediction_action_started=Prediction process started; question_category_created=Question category created
question_category_deleted=Question category deleted; question_category_moved=Question category moved
question_category_updated=Question category updated; question_category_viewed=Question category viewed
question_created=Question created; question_deleted=Question deleted; question_moved=Question moved
question_updated=Question updated; question_viewed=Question viewed; questions_exported=Questions exported
questions_imported=Questions imported; recent_activity_viewed=Recent activity viewed
role_allow_assign_updated=Allow role assignment; role_allow_override_updated=Allow role override
role_allow_switch_updated=Allow role switch; role_allow_view_updated=Allow role view; role_assigned=Role assigned
role_capabilities_updated=Role capabilities updated; role_created=Role created; role_deleted=Role deleted
role_unassigned=Role unassigned; role_updated=Role updated; scale_created=Scale created; scale_deleted=Scale deleted
scale_updated=Scale updated; search_indexed=Search data indexed; search_results_viewed=Search results viewed
section_viewed=Section viewed; tag_added=Tag added to an item; tag_collection_created=Tag collection created
tag_collection_deleted=Tag collection deleted; tag_collection_updated=Tag collection updated; tag_created=Tag created
tag_deleted=Tag deleted; tag_flagged=Tag flagged; tag_removed=Tag removed from an item; tag_unflagged=Tag unflagged
tag_updated=Tag updated; unknown_logged=Unknown event; user_created=User created; user_deleted=User deleted
user_enrolment_created=User enrolled in course; user_enrolment_deleted=User unenrolled from course
user_enrolment_updated=User enrolment updated; user_feedback_given=User feedback link clicked
user_feedback_remind=User feedback remind later clicked; user_graded=User graded
user_info_category_created=User profile field category created
user_info_category_deleted=User profile field category deleted
user_info_category_updated=User profile field category updated; user_info_field_created=User profile field created
user_info_field_deleted=User profile field deleted; user_info_field_updated=User profile field updated
user_list_viewed=User list viewed; user_loggedin=User has logged in; user_loggedinas=User logged in as another user
user_loggedout=User logged out; user_login_failed=User login failed
user_password_policy_failed=User password failed password policy; user_password_updated=User password updated
user_profile_viewed=User profile viewed; user_updated=User updated; users_viewed=Users viewed
virus_infected_data_detected=Virus infected data detected; virus_infected_file_detected=Virus infected file detected
webservice_function_called=Web service function called; webservice_login_failed=Web service login failed
webservice_service_created=Web service service created; webservice_service_deleted=Web service service deleted
webservice_service_updated=Web service service updated; webservice_service_user_added=Web service user added
webservice_service_user_removed=Web service user removed; webservice_token_created=Web service token created
webservice_token_sent=Web service token sent""",
    "mod_assign": """
all_submissions_downloaded=All the submissions are being downloaded.
assessable_submitted=A submission has been submitted.
batch_set_marker_allocation_viewed=Batch set marker allocation viewed
batch_set_workflow_state_viewed=Batch set workflow state viewed.; extension_granted=An extension has been granted.
feedback_viewed=Feedback viewed; grading_form_viewed=Grading form viewed; grading_table_viewed=Grading table viewed
group_override_created=Group override created; group_override_deleted=Group override deleted
group_override_updated=Group override updated; identities_revealed=The identities have been revealed.
marker_updated=The allocated marker has been updated.
remove_submission_form_viewed=Remove submission confirmation viewed.
reveal_identities_confirmation_page_viewed=Reveal identities confirmation page viewed.
statement_accepted=The user has accepted the statement of the submission.
submission_confirmation_form_viewed=Submission confirmation form viewed.; submission_created=Submission created.
submission_duplicated=The user duplicated their submission.; submission_form_viewed=Submission form viewed.
submission_graded=The submission has been graded.; submission_locked=The submissions have been locked for a user.
submission_removed=Submission removed.; submission_status_updated=The status of the submission has been updated.
submission_status_viewed=The status of the submission has been viewed.
submission_unlocked=The submissions have been unlocked for a user.; submission_updated=Submission updated.
submission_viewed=Submission viewed.; user_override_created=User override created
user_override_deleted=User override deleted; user_override_updated=User override updated
workflow_state_updated=The state of the workflow has been updated.""",
    "assignsubmission_comments": "comment_created=Comment created; comment_deleted=Comment deleted",
    "assignsubmission_file": """
assessable_uploaded=A file has been uploaded.; submission_created=Submission created.
submission_updated=Submission updated.""",
    "assignsubmission_onlinetext": """
assessable_uploaded=An online text has been uploaded.; submission_created=Submission created.
submission_updated=Submission updated.""",
    "mod_bigbluebuttonbn": """
activity_created=Activity created; activity_deleted=Activity deleted; activity_updated=Activity updated
bigbluebuttonbn_activity_management_viewed=Activity management viewed
live_session_event=Live session event/Live session; meeting_created=Meeting created; meeting_ended=Meeting ended
meeting_joined=Meeting joined; meeting_left=Meeting left; recording_deleted=Recording deleted
recording_edited=Recording edited; recording_imported=Recording imported; recording_protected=Recording protected
recording_published=Recording published; recording_unprotected=Recording unprotected
recording_unpublished=Recording unpublished; recording_viewed=Recording viewed""",
    "mod_book": """
chapter_created=Chapter created; chapter_deleted=Chapter deleted; chapter_updated=Chapter updated
chapter_viewed=Chapter viewed""",
    "booktool_exportimscp": "book_exported=Book exported",
    "booktool_print": "book_printed=Book printed; chapter_printed=Chapter printed",
    "mod_chat": "message_sent=Message sent; sessions_viewed=Sessions viewed",
    "mod_choice": """
answer_created=Choice answer added; answer_deleted=Choice answer deleted
answer_submitted=Choice made; answer_updated=Choice updated; report_downloaded=Choice report downloaded
report_viewed=Choice report viewed""",
    "mod_data": """
comment_created=Comment created; comment_deleted=Comment deleted; field_created=Field created
field_deleted=Field deleted; field_updated=Field updated; preset_created=Preset created; preset_deleted=Preset deleted
preset_updated=Preset updated; record_created=Record created; record_deleted=Record deleted
record_updated=Record updated; template_updated=Template updated; template_viewed=Templates viewed/Template viewed""",
    "mod_feedback": """
response_deleted=Response deleted; response_submitted=Response submitted""",
    "mod_folder": """
all_files_downloaded=Zip archive of folder downloaded; folder_updated=Folder updated""",
    "mod_forum": """
assessable_uploaded=Some content has been posted.; course_searched=Course searched
discussion_created=Discussion created; discussion_deleted=Discussion deleted
discussion_lock_updated=Discussion lock updated; discussion_moved=Discussion moved
discussion_pinned=Discussion pinned; discussion_subscription_created=Discussion subscription created
discussion_subscription_deleted=Discussion subscription deleted; discussion_unpinned=Discussion unpinned
discussion_updated=Discussion updated; discussion_viewed=Discussion viewed; post_created=Post created
post_deleted=Post deleted; post_updated=Post updated; readtracking_disabled=Read tracking disabled
readtracking_enabled=Read tracking enabled; subscribers_viewed=Subscribers viewed
subscription_created=Subscription created; subscription_deleted=Subscription deleted
subscription_mode_updated=Subscription mode updated; user_report_viewed=User report viewed""",
    "mod_glossary": """
category_created=Category has been created; category_deleted=Category has been deleted
category_updated=Category has been updated; comment_created=Comment created; comment_deleted=Comment deleted
entry_approved=Entry has been approved; entry_created=Entry has been created; entry_deleted=Entry has been deleted
entry_disapproved=Entry has been disapproved; entry_updated=Entry has been updated
entry_viewed=Entry has been viewed""",
    "mod_h5pactivity": "report_viewed=H5P report viewed/Report viewed; statement_received=xAPI statement received",
    "mod_lesson": """
content_page_viewed=Content page viewed; essay_assessed=Essay assessed; essay_attempt_viewed=Essay attempt viewed
group_override_created=Lesson group override created; group_override_deleted=Lesson group override deleted
group_override_updated=Lesson group override updated; highscore_added=Highscore added
highscores_viewed=Highscores viewed; lesson_ended=Lesson ended; lesson_restarted=Lesson restarted
lesson_resumed=Lesson resumed; lesson_started=Lesson started; page_created=Page created; page_deleted=Page deleted
page_moved=Page moved; page_updated=Page updated; question_answered=Question answered
question_viewed=Question viewed; user_override_created=Lesson user override created
user_override_deleted=Lesson user override deleted; user_override_updated=Lesson user override updated""",
    "mod_lti": "unknown_service_api_called=An unknown service has been called.",
    "mod_quiz": """
attempt_abandoned=Quiz attempt abandoned; attempt_autosaved=Quiz attempt auto-saved
attempt_becameoverdue=Quiz attempt became overdue; attempt_deleted=Quiz attempt deleted
attempt_graded=Quiz attempt graded; attempt_manual_grading_completed=Quiz attempt manual grading complete
attempt_preview_started=Quiz attempt preview started; attempt_question_restarted=Quiz attempt question restarted
attempt_regraded=Quiz attempt regraded; attempt_reopened=Quiz attempt reopened
attempt_reviewed=Quiz attempt reviewed; attempt_started=Quiz attempt started
attempt_submitted=Quiz attempt submitted; attempt_summary_viewed=Quiz attempt summary viewed
attempt_updated=Quiz attempt updated; attempt_viewed=Quiz attempt viewed; edit_page_viewed=Quiz edit page viewed
group_override_created=Quiz group override created; group_override_deleted=Quiz group override deleted
group_override_updated=Quiz group override updated; page_break_created=Page break created
page_break_deleted=Page break deleted; question_manually_graded=Question manually graded
quiz_grade_item_created=Quiz grade item created; quiz_grade_item_deleted=Quiz grade item deleted
quiz_grade_item_orderchanged=Quiz grade item order changed; quiz_grade_item_updated=Quiz grade item updated
quiz_grade_updated=Quiz grade updated; quiz_repaginated=Quiz re-paginated; report_viewed=Quiz report viewed
section_break_created=Section break created; section_break_deleted=Section break deleted
section_shuffle_updated=Section shuffle updated; section_title_updated=Section title updated
slot_created=Slot created; slot_deleted=Slot deleted; slot_displaynumber_updated=Slot displayed number updated
slot_grade_item_updated=Slot grade item updated; slot_mark_updated=Slot mark updated; slot_moved=Slot moved
slot_requireprevious_updated=Slot require previous updated; slot_version_updated=Slot version updated
user_override_created=Quiz user override created; user_override_deleted=Quiz user override deleted
user_override_updated=Quiz user override updated""",
    "quizaccess_seb": """
access_prevented=Quiz access was prevented; template_created=SEB template was created
template_deleted=SEB template was deleted; template_disabled=SEB template was disabled
template_enabled=SEB template was enabled; template_updated=SEB template was updated""",
    "mod_scorm": """
attempt_deleted=Attempt deleted; cmielement_submitted=Submitted SCORM CMI element
interactions_viewed=Viewed interactions/Interactions viewed; report_viewed=Report viewed/SCORM report viewed
sco_launched=Sco launched; scoreraw_submitted=Submitted SCORM raw score
status_submitted=Submitted SCORM status; tracks_viewed=Tracks viewed; user_report_viewed=User report viewed""",
    "mod_survey": """
report_downloaded=Survey report downloaded; report_viewed=Survey report viewed
response_submitted=Survey response submitted""",
    "mod_wiki": """
comment_created=Comment created; comment_deleted=Comment deleted; comments_viewed=Comments viewed
page_created=Wiki page created; page_deleted=Wiki page deleted; page_diff_viewed=Wiki diff viewed
page_history_viewed=Wiki history viewed; page_locks_deleted=Wiki page locks deleted
page_map_viewed=Wiki page map viewed; page_updated=Wiki page updated
page_version_deleted=Wiki page version deleted; page_version_restored=Wiki page version restored
page_version_viewed=Wiki page version viewed; page_viewed=Wiki page viewed""",
    "mod_workshop": """
assessable_uploaded=A submission has been uploaded.
assessment_evaluated=Assessment evaluated; assessment_evaluations_reset=Assessment evaluations reset
assessment_reevaluated=Assessment re-evaluated; phase_automatically_switched=Automatic phase switch
phase_switched=Phase switched; submission_assessed=Submission assessed; submission_created=Submission created
submission_deleted=Submission deleted; submission_reassessed=Submission re-assessed
submission_updated=Submission updated; submission_viewed=Submission viewed""",
    "core_h5p": "h5p_deleted=H5P deleted; h5p_viewed=H5P content viewed",
    "gradereport_grader": "grade_report_viewed=Grader report viewed",
    "gradereport_history": "grade_report_viewed=Grade history report viewed",
    "gradereport_outcomes": "grade_report_viewed=Grade outcomes report viewed",
    "gradereport_overview": "grade_report_viewed=Grade overview report viewed",
    "gradereport_singleview": "grade_report_viewed=Grade single view report viewed",
    "gradereport_summary": "grade_report_viewed=Grade summary report viewed",
    "gradereport_user": "grade_report_viewed=Grade user report viewed",
    "report_completion": "report_viewed=Completion report viewed; user_report_viewed=User completion report viewed",
    "report_log": "report_viewed=Log report viewed; user_report_viewed=User log report viewed",
    "report_loglive": "report_viewed=Live log report viewed",
    "report_outline": """
activity_report_viewed=Activity report viewed; report_viewed=Outline report viewed""",
    "report_participation": "report_viewed=Participation report viewed",
    "report_progress": "report_viewed=Progress report viewed",
    "report_questioninstances": "report_viewed=Question instances report viewed",
    "report_security": "report_viewed=Security check report viewed",
    "report_stats": "report_viewed=Statistics report viewed; user_report_viewed=User statistics report viewed",
    "tool_monitor": """
rule_created=Rule created; rule_deleted=Rule deleted; rule_updated=Rule updated
subscription_created=Subscription created; subscription_criteria_met=Subscription criteria met
subscription_deleted=Subscription deleted""",
    "tool_policy": "acceptance_created=User policy agreement created; acceptance_updated=User policy agreement updated",
    "tool_recyclebin": """
category_bin_item_created=Category item created; category_bin_item_deleted=Category item deleted
category_bin_item_restored=Category item restored; course_bin_item_created=Item created
course_bin_item_deleted=Item deleted; course_bin_item_restored=Item restored""",
    "tool_usertours": "step_shown=Step shown; tour_ended=Tour ended; tour_reset=Tour reset; tour_started=Tour started",
}

EVERY_MODULE: Final = """
course_module_instance_list_viewed=Course module instance list viewed; course_module_viewed=Course module viewed"""

SPEAKS_OF_ANOTHER: Final = frozenset(
    {
        "\\core\\event\\badge_awarded",
        "\\core\\event\\badge_revoked",
        "\\core\\event\\course_completed",
        "\\core\\event\\user_deleted",
        "\\core\\event\\user_password_policy_failed",
        "\\mod_quiz\\event\\attempt_abandoned",
        "\\mod_quiz\\event\\attempt_becameoverdue",
        "\\mod_quiz\\event\\attempt_graded",
        "\\mod_quiz\\event\\attempt_manual_grading_completed",
        "\\mod_quiz\\event\\attempt_question_restarted",
        "\\mod_quiz\\event\\attempt_reopened",
    }
)
"""Events whose description names the person concerned first, not the one who acts."""


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for entry in re.split(r"[;\n]", text.strip()):
        name, _, displays = entry.strip().partition("=")
        for display in displays.split("/"):
            yield name, display


def catalogue() -> list[tuple[str, str, str]]:
    """Every known event: the component and the event as a report displays them, and the class."""
    components = {f"mod_{name}": display for name, display in MODULES.items()} | OTHER_COMPONENTS
    names = dict(NAMES)
    for module in MODULES:
        names[f"mod_{module}"] = f"{names.get(f'mod_{module}', '')}\n{EVERY_MODULE.strip()}"
    return [
        (displayed, display, f"\\{component}\\event\\{name}")
        for component, text in names.items()
        for displayed in components[component].split("/")
        for name, display in _entries(text)
    ]
