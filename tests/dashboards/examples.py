"""Example numbers: a learner well on the way, and a course in its ninth week."""

from datetime import UTC, date, datetime, timedelta

from studium.wire import analytics

AS_OF = datetime(2026, 11, 22, 1, 35, tzinfo=UTC)
TODAY = date(2026, 11, 22)
MODULES = [
    ("Action potentials in pacemaker and ventricular cells", "page", "Electrical activity of the heart", 1),
    ("Lecture handout (PDF)", "resource", "Electrical activity of the heart", 1),
    ("The cardiac cycle step by step", "book", "The cardiac cycle and cardiac output", 2),
    ("Practical / tutorial sheet (Word)", "resource", "The cardiac cycle and cardiac output", 2),
    ("Quiz 1: Electrophysiology", "quiz", "Assessment", 6),
    ("Short-term control of arterial pressure", "page", "Blood vessels and arterial pressure", 3),
    ("Lecture slides (PowerPoint)", "resource", "Blood vessels and arterial pressure", 3),
    ("The circulation in dynamic exercise and in blood loss", "page", "Integrated responses", 4),
    ("Quiz 2: Cycle, output and pressure", "quiz", "Assessment", 6),
    ("Essay: How does the baroreceptor reflex respond to standing?", "assign", "Assessment", 6),
]
QUESTIONS = ["Is the gradient < 5 mmHg?", f"{'Explain why ' * 12}it falls.", "c", "d", "e", "f"]
DONE = 6
DUE = {8: AS_OF - timedelta(days=5), 9: AS_OF + timedelta(days=9)}
NEXT = [8, 9, 6]
"""What is late, what has a date, what has none; module 7 is closed."""


def example_progress(course_id: str, learner_id: str, name: str) -> analytics.Progress:
    """A learner well on the way."""
    modules = [
        analytics.ModuleProgress(
            module_id=f"{course_id}-{number}",
            name=module,
            modname=modname,
            section_name=section,
            section_number=place,
            url=f"http://moodle.invalid/mod/{modname}/view.php?id={number}",
            due_at=DUE.get(number),
            is_overdue=number in DUE and DUE[number] < AS_OF,
            next_place=NEXT.index(number) + 1 if number in NEXT else None,
            is_complete=number < DONE,
            completed_at=AS_OF - timedelta(days=50 - 7 * number) if number < DONE else None,
            grade=None,
            grade_max=None,
        )
        for number, (module, modname, section, place) in enumerate(MODULES)
    ]
    days = [
        analytics.ActivityDay(
            activity_date=TODAY - timedelta(days=ago),
            events=ago + 3,
            sessions=1 + ago % 3,
            active_minutes=5.0 + 11 * ago % 73,
        )
        for ago in range(2, 76)
        if ago % 4 and ago % 7 < 5
    ]
    attempts = [
        analytics.QuizAttempt(
            module_id="q",
            module_name=quiz,
            attempt_number=number,
            state=state,
            started_at=AS_OF,
            finished_at=AS_OF,
            grade=pct / 10 if pct is not None else None,
            grade_max=10,
            grade_pct=pct,
        )
        for quiz, number, state, pct in [
            ("Quiz 1: Electrophysiology", 1, "finished", 55.0),
            ("Quiz 1: Electrophysiology", 2, "finished", 80.0),
            ("Quiz 2: Cycle, output and pressure", 1, "inprogress", None),
        ]
    ]
    return analytics.Progress(
        course_id=course_id,
        learner_id=learner_id,
        full_name=name,
        as_of=AS_OF,
        modules_total=len(modules),
        modules_completed=DONE,
        completion_pct=60.0,
        active_minutes=sum(day.active_minutes for day in days),
        active_days=len(days),
        last_active_date=max(day.activity_date for day in days),
        grade_pct=71.4,
        next_module=modules[NEXT[0]],
        days=days,
        modules=modules,
        quiz_attempts=attempts,
    )


def example_cohort(course_id: str) -> analytics.Cohort:
    """A course in its eleventh week."""
    weeks = [
        analytics.EngagementWeek(
            week_start=date(2026, 9, 7) + timedelta(weeks=n),
            learners_active=40 - (n * 7) % 11,
            learners_enrolled=40,
            events=900 + 37 * n,
            sessions=120 + n,
            active_minutes=2400.0 + 90 * n,
            completions=30 + n if n else None,
            is_withheld=not n,
        )
        for n in range(11)
    ]
    quiet = [
        analytics.CohortLearner(
            learner_id=f"physiology:{number}",
            full_name=name,
            email=f"learner{number}@example.org",
            group_names=["A"],
            completion_pct=10.0 * number,
            grade_pct=None if number == 1 else 48.0,
            active_minutes=60.0 * number,
            active_days=number,
            last_active_date=None if ago is None else TODAY - timedelta(days=ago),
            quiet_days=ago,
            quiet_reason="never_came" if ago is None else "stayed_away",
            is_quiet=True,
        )
        for number, (name, ago) in enumerate(
            [("Tomás Ferreira", None), ("Aoife O'Neill", 31), ("Jun Sato", 16)], start=1
        )
    ]
    return analytics.Cohort(
        course_id=course_id,
        as_of=AS_OF,
        learners=40,
        active_last_week=34,
        mean_completion_pct=57.8,
        mean_grade_pct=40.1,
        quiet_after_days=14,
        quiet=quiet,
        weeks=weeks,
        modules=[
            analytics.ModuleCompletion(
                module_id=f"{course_id}-{number}",
                name=name,
                modname=modname,
                section_name=section,
                section_number=place,
                due_at=None,
                learners=40,
                completed=38 - 4 * number,
                completed_pct=(38 - 4 * number) / 0.4,
            )
            for number, (name, modname, section, place) in enumerate(MODULES)
        ],
        quizzes=[
            analytics.QuizResult(
                module_id=name,
                name=name,
                attempts=70,
                in_progress=1,
                learners=38,
                mean_pct=middle - 2,
                median_pct=middle,
                lowest_pct=12.0,
                highest_pct=97.0,
            )
            for name, middle in [("Quiz 1: Electrophysiology", 62.0), ("Quiz 2: Cycle, output and pressure", 55.0)]
        ],
        questions=[
            analytics.HardQuestion(
                module_id=f"{course_id}-8",
                module_name="Quiz 2: Cycle, output and pressure",
                url="http://moodle.invalid/mod/quiz/view.php?id=8",
                question_id=f"physiology:{slot}",
                slot=slot,
                text=text,
                learners=30,
                facility_pct=40.0 + slot,
                facility_low_pct=20.0 + slot,
                facility_high_pct=60.0 + slot,
            )
            for slot, text in enumerate(QUESTIONS, start=1)
        ],
        questions_withheld=2,
    )
