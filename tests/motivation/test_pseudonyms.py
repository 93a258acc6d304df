from studium.motivation.pseudonyms import ADJECTIVES, NOUNS, pseudonym

KEY = b"k" * 32


def test_a_name_is_two_words_and_stays() -> None:
    name = pseudonym(KEY, "site:2", "site:7")
    adjective, noun = name.split()
    assert adjective in ADJECTIVES
    assert noun in NOUNS
    assert pseudonym(KEY, "site:2", "site:7") == name


def test_a_name_depends_on_key_course_and_learner() -> None:
    names = {
        pseudonym(key, course, learner)
        for key in (KEY, b"x" * 32)
        for course in ("site:2", "site:3")
        for learner in ("site:7", "site:8")
    }
    assert len(names) == 8


def test_names_spread_over_all_words() -> None:
    names = [pseudonym(KEY, "site:2", f"site:{number}") for number in range(20_000)]
    assert {name.split()[0] for name in names} == set(ADJECTIVES)
    assert {name.split()[1] for name in names} == set(NOUNS)
    assert len(set(names)) > 8_000


def test_names_do_not_run_out() -> None:
    assert len({pseudonym(KEY, "site:2", "site:7", attempt) for attempt in range(500)}) > 490
    assert pseudonym(KEY, "site:2", "site:7", 9).split()[2].isdecimal()


def test_words_are_all_different() -> None:
    assert len(set(ADJECTIVES)) == len(ADJECTIVES)
    assert len(set(NOUNS)) == len(NOUNS)
