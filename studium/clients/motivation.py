"""The typed client's calls for what one has earned."""

from studium.clients.calling import Calls
from studium.motivation.standing import GoalKind
from studium.wire.motivation import GoalChoice, Motivation, ZoneChoice


class Motivations(Calls):
    """Points, streak, badges and goals, as `Client.motivation`."""

    def read(self) -> Motivation:
        """Where one stands at this moment."""
        return self._get(Motivation, "/motivation")

    def set_goal(self, kind: GoalKind, target: int | None) -> Motivation:
        """Set a goal, or with `None` have none."""
        return self._send(Motivation, "PUT", "/motivation/goals", GoalChoice(kind=kind, target=target))

    def set_timezone(self, name: str) -> Motivation:
        """Say in which time zone one's days are to be counted."""
        return self._send(Motivation, "PUT", "/motivation/timezone", ZoneChoice(timezone=name))
