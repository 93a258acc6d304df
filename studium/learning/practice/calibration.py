"""How well somebody knows what they know: how often answers given with each step of confidence were right."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from psycopg import Connection

from studium.wire.practice import CLAIMED, Calibration, ConfidenceStep

Z = 1.959964
FEWEST = 10
"""Answers below which nothing is said: by chance alone the share of right ones would swing by half."""
TOO_FEW = "Say how sure you are before you answer: after {left} more answers it shows how well that fits."
WELL = "How sure you are fits how often you are right, as far as {answers} answers can tell."
OVER = "You are surer than you are right, by {gap} points (between {low} and {high})."
UNDER = "You are right more often than you think, by {gap} points (between {low} and {high})."
SAID = """
select t.confidence_level, t.is_correct from app.practice_attempts as t
where t.course_id = %s and t.confidence_level is not null
order by t.answered_at desc limit 1000
"""


def read(connection: Connection, course_id: str) -> Calibration:
    """Of the bound account's newest answers in a course."""
    return calibration(connection.execute(SAID, [course_id]).fetchall())


def calibration(said: Sequence[tuple[int, bool]]) -> Calibration:
    """What was claimed beside what was: pairs of a step of confidence and whether the answer was right."""
    steps = [_step(level, [right for one, right in said if one == level]) for level in CLAIMED]
    if len(said) < FEWEST:
        verdict = TOO_FEW.format(left=FEWEST - len(said))
        return Calibration(
            answers=len(said), steps=steps, gap=None, gap_low=None, gap_high=None, brier=None, verdict=verdict
        )
    off = np.array([CLAIMED[level] - right for level, right in said])
    gap, reach = float(off.mean()), Z * float(off.std(ddof=1)) / sqrt(len(off))
    return Calibration(
        answers=len(said),
        steps=steps,
        gap=gap,
        gap_low=gap - reach,
        gap_high=gap + reach,
        brier=float((off**2).mean()),
        verdict=_verdict(gap, reach, len(said)),
    )


def wilson(right: int, answers: int) -> tuple[float, float]:
    """The 95 % range of a share (Wilson, 1927)."""
    share, z2 = right / answers, Z**2
    middle = (share + z2 / (2 * answers)) / (1 + z2 / answers)
    reach = Z / (1 + z2 / answers) * sqrt(share * (1 - share) / answers + z2 / (4 * answers**2))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _step(level: int, rights: Sequence[bool]) -> ConfidenceStep:
    low, high = wilson(sum(rights), len(rights)) if rights else (None, None)
    right = sum(rights) / len(rights) if rights else None
    return ConfidenceStep(
        confidence_level=level, claimed=CLAIMED[level], answers=len(rights), right=right, low=low, high=high
    )


def _verdict(gap: float, reach: float, answers: int) -> str:
    if abs(gap) <= reach:
        return WELL.format(answers=answers)
    low, high = sorted((abs(gap) - reach, abs(gap) + reach))
    sentence = OVER if gap > 0 else UNDER
    return sentence.format(gap=round(100 * abs(gap)), low=round(100 * low), high=round(100 * high))
