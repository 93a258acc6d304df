"""Goals: what somebody sets out to do in a day or in a week. They are worth no points: a low one gains nothing."""

from dataclasses import replace

from studium.motivation.standing import Act, GoalKind, Standing

MOST: dict[GoalKind, int] = {"daily_xp": 200, "weekly_days": 7}


def is_goal(kind: GoalKind, target: object) -> bool:
    """Whether this can be a goal; none is one too."""
    return target is None or (isinstance(target, int) and not isinstance(target, bool) and 1 <= target <= MOST[kind])


def with_goal(standing: Standing, act: Act) -> Standing:
    """The standing with the goal an act sets; an act that names no goal changes nothing."""
    target = act.result.get("target")
    if act.object_id == "daily_xp" and is_goal("daily_xp", target):
        return replace(standing, daily_goal=target)
    if act.object_id == "weekly_days" and is_goal("weekly_days", target):
        return replace(standing, weekly_goal=target)
    return standing
