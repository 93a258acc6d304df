"""A short text of a model's, whole before anything is made of it, and held to what every model's words are held to."""

from collections.abc import Generator, Sequence
from contextlib import closing

from studium.tutor import guard, prompts
from studium.tutor.models import Model, Models
from studium.tutor.spending import Spending
from studium.tutor.streams import StreamError


def short_text(
    model: Model, models: Models, prompt: str, blocks: Sequence[tuple[str, str]], longest: int, spending: Spending
) -> Generator[None, None, str]:
    """What a model writes in one line; `StreamError` when that is nothing, too much, or its instructions.

    Args:
        model: who writes.
        models: whose bounds hold.
        prompt: its name and version.
        blocks: kinds and texts, all that the model is shown.
        longest: characters.
        spending: grows by what it costs.
    """
    mark = guard.new_mark()
    data = "\n".join(guard.block(mark, kind, text) for kind, text in blocks)
    messages = prompts.read(prompt).messages(mark, data)
    text = ""
    with closing(model.say(messages, models.bounds, spending)) as coming:
        for piece in coming:
            text += piece
            yield None
    line = " ".join(guard.clean(text, set()).split())
    watch = guard.Watch(str(messages[0].text), mark, "\n".join(text for _, text in blocks))
    if not line or len(line) > longest or watch.gives_away(line):
        raise StreamError("wrote nothing to be told", is_worth_another=False)
    return line
