"""Whether a passage says what a sentence says: paraphrases, inventions, and the words that support."""

import pytest

from studium.content.embed import Embedder, open_named
from studium.tutor.support import best_of, is_statement, support

HEART = (
    "The sinoatrial node sets the pace of the heart. It is found in the wall of the right atrium, near the opening of "
    "the superior vena cava. Its cells depolarise spontaneously about 70 times a minute at rest. Vagal stimulation "
    "slows the node, whereas noradrenaline released by sympathetic nerves increases its rate. The impulse is delayed "
    "by about 0.1 s at the atrioventricular node, which gives the atria time to empty into the ventricles before these "
    "contract."
)
TRUE = [
    "The heart's rhythm is set by the sinoatrial node.",
    "The SA node lies in the right atrial wall close to the superior vena cava.",
    "At rest the node fires around 70 times per minute by itself.",
    "The vagus nerve slows the heart down.",
    "Sympathetic nerves release noradrenaline, which makes the node fire faster.",
    "At the AV node the signal waits for roughly 0.1 s.",
    "This delay lets the atria empty before the ventricles contract.",
    "Because of the delay, the ventricles fill before contraction.",
    "The pacemaker cells depolarise on their own.",
]
FALSE = [
    "The node lies in the left ventricle.",
    "At rest the node fires 100 times a minute.",
    "Adrenaline is released by the adrenal medulla.",
    "The impulse is not delayed at the atrioventricular node.",
    "The delay lasts about 0.5 s.",
    "Beta blockers lower the heart rate by blocking receptors.",
    "The Purkinje fibres conduct the impulse to the ventricles.",
    "Paris is the capital of France.",
    "The heart has four chambers separated by valves.",
    "Potassium channels open during repolarisation.",
]
TURNED = ["The atrioventricular node sets the pace of the heart.", "Vagal stimulation increases the rate of the node."]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_named("minilm")


def test_most_paraphrases_are_supported(embedder: Embedder) -> None:
    assert sum(support(embedder, sentence, HEART).holds for sentence in TRUE) > len(TRUE) / 2


@pytest.mark.parametrize("sentence", FALSE)
def test_what_stands_nowhere_is_not(embedder: Embedder, sentence: str) -> None:
    assert not support(embedder, sentence, HEART).holds


@pytest.mark.parametrize("sentence", TURNED)
def test_words_put_together_anew_are_not_seen_through(embedder: Embedder, sentence: str) -> None:
    """The limit that docs/chat.md names: where this fails, it is to be named no longer."""
    assert support(embedder, sentence, HEART).holds


def test_the_words_that_support_are_the_fewest(embedder: Embedder) -> None:
    held = support(embedder, "The cells depolarise spontaneously about 70 times a minute.", HEART)
    assert HEART[held.start : held.end] == "Its cells depolarise spontaneously about 70 times a minute at rest."


def test_the_text_that_says_so_is_found(embedder: Embedder) -> None:
    others = ["Mitochondria release energy.", HEART, ""]
    found = best_of(embedder, "The sinoatrial node sets the pace.", others)
    assert found is not None
    assert found[0] == 1
    assert best_of(embedder, "Paris is the capital of France.", others) is None


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [("It beats.", True), ("Shall we go on?", False), ("The steps are:", False), ("\u2026", False)],
)
def test_what_claims_nothing_needs_no_support(sentence: str, claims: bool) -> None:
    assert is_statement(sentence) is claims
