"""The figures of an evaluation, over outcomes written by hand."""

from dataclasses import replace
from math import log2

import pytest

from studium.retrieval.search import Passage
from studium.tutor.evaluation import Outcome, contains_an_answer, ndcg, quantile, ranks_of, stands_at, summarise
from studium.tutor.golden import Golden, Kind, Place
from tests.tutor.test_evidence import passage

TEXT = "Vagal tone slows the node. Noradrenaline speeds it by way of cyclic AMP. The atria follow."


def place(quote: str = "Noradrenaline speeds it", **values: object) -> Place:
    return Place(module=2, quote=quote, **values)  # type: ignore[arg-type]


def outcome(kind: Kind = "answerable", *ranks: int, refused: bool = False, contained: bool = False) -> Outcome:
    answers = [] if kind == "unanswerable" else [place()]
    golden = Golden(id="1", question="q", kind=kind, answers=answers)
    quotes = 0 if refused else 2
    return Outcome(golden, ranks, refused, contained, quotes, quotes, 0, 10.0)


def test_a_passage_stands_at_its_module_and_shows_the_words_however_they_are_spaced() -> None:
    assert stands_at(place("Noradrenaline  speeds\nit"), passage(TEXT))
    assert not stands_at(Place(module=3, quote="Noradrenaline speeds it"), passage(TEXT))
    assert not stands_at(place("Adrenaline speeds it"), passage(TEXT))


@pytest.mark.parametrize(("end", "is_met"), [(31, False), (45, True)])
def test_of_words_that_were_cut_more_than_half_must_show(end: int, is_met: bool) -> None:
    assert stands_at(place(), passage(TEXT, 0, end)) is is_met


def test_a_loose_file_is_known_by_its_name_and_a_modules_page_is_none() -> None:
    loose = replace(passage(TEXT), module_id=None, module_name=None, filename="notes.txt")
    wanted = Place(modname="file", file="notes.txt", quote="Vagal tone")
    assert stands_at(wanted, loose)
    assert not stands_at(wanted, replace(loose, filename="other.txt", title="other"))
    assert not stands_at(wanted, passage(TEXT))


def test_quotations_from_one_spot_count_once_and_a_passage_for_one_rank() -> None:
    other: Passage = replace(passage("The atria follow."), module_id="s:9")
    one_spot = [place("Vagal tone"), place("cyclic AMP")]
    assert ranks_of(one_spot, [other, passage(TEXT), passage(TEXT)]) == (2,)
    assert ranks_of([*one_spot, Place(module=9, quote="atria")], [other, passage(TEXT)]) == (1, 2)
    assert ranks_of(one_spot, [other] * 10 + [passage(TEXT)]) == ()


def test_an_answer_is_contained_whole() -> None:
    assert contains_an_answer([place("speeds it by")], ["Noradrenaline speeds\n it by way of"])
    assert not contains_an_answer([place("speeds it by")], ["Noradrenaline speeds", "it by way of"])


def test_figures() -> None:
    found = summarise(
        [
            outcome("answerable", 1, contained=True),
            outcome("answerable", 6, refused=True),
            outcome("answerable"),
            outcome("unanswerable", refused=True),
            outcome("forbidden", refused=True),
            outcome("unanswerable"),
        ]
    )
    assert found.recall_at_5 == pytest.approx(1 / 3)
    assert found.mrr == pytest.approx((1 + 1 / 6) / 3)
    assert found.ndcg_at_10 == pytest.approx((1 + 1 / log2(7)) / 3)
    assert found.answer_contained == pytest.approx(1 / 3)
    assert found.refusal_precision == pytest.approx(2 / 3)
    assert found.refusal_recall == pytest.approx(2 / 3)
    assert found.faithfulness == 1


def test_what_was_not_asked_has_no_figure() -> None:
    found = summarise([outcome("unanswerable", refused=True)])
    assert (found.recall_at_5, found.faithfulness, found.refusal_recall) == (None, None, 1)


def test_ndcg_of_alternatives_found_first_is_one() -> None:
    assert ndcg([1, 2], 2) == pytest.approx(1)
    assert ndcg([2], 1) == pytest.approx(1 / log2(3))


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.25, 1), (1.0, 4)])
def test_quantiles_are_values(share: float, value: float) -> None:
    assert quantile([4, 1, 3, 2], share) == value
