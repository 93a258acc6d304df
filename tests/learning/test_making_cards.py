"""Cards by rule: what is made of a passage, and what is left alone because it could not be understood away from it."""

import pytest

from studium.learning.making.bank import questions
from studium.learning.making.candidate import GAP, Candidate
from studium.learning.making.candidates import candidates
from studium.learning.making.material import Source
from studium.learning.making.modelled import held
from studium.learning.making.vocabulary import Vocabulary
from studium.learning.questions.records import FALSE, TRUE, Answer, Pair, QuestionRecord


def page(*paragraphs: str, heading: str = "Volcanoes", **more: object) -> Source:
    return Source(text="\n\n".join([heading, *paragraphs]), title="Geology", heading=heading, kind="page", **more)  # type: ignore[arg-type]


def made(source: Source) -> list[tuple[str, str, str]]:
    return [(card.rule, shown(card), card.answer) for card in candidates([source])]


def shown(card: Candidate) -> str:
    return card.shown.rpartition("\n\n")[2].replace("**", "")


@pytest.mark.parametrize(
    ("sentence", "rule", "question", "answer"),
    [
        ("Magma is molten rock below the surface of a planet.", "definition", "What is magma?",
         "Molten rock below the surface of a planet."),
        ("Fragments of rock thrown out by a volcano are called tephras.", "definition", "What are tephras?",
         "Fragments of rock thrown out by a volcano."),
        ("The Richter scale describes how much energy an earthquake releases.", "definition",
         "What does the Richter scale describe?", "How much energy an earthquake releases."),
        ("Basaltic lava is runny because it contains little silica.", "reason", "Why is basaltic lava runny?",
         "Because it contains little silica."),
        ("Obsidian is formed by rapid cooling of lava.", "reason", "What is obsidian formed by?",
         "Rapid cooling of lava."),
        ("Heat flow is the product of conductivity and gradient.", "definition", "What is heat flow the product of?",
         "Conductivity and gradient."),
        ("Olympus Mons is the tallest volcano in the solar system.", "definition",
         "What is the tallest volcano in the solar system?", "Olympus Mons"),
        ("When magma reaches the surface the dissolved gas escapes.", "reason",
         "What happens when magma reaches the surface?", "The dissolved gas escapes."),
        ("Granite melts at about 1240 °C.", "cloze", "Granite melts at about […] °C.", "1240"),
    ],
)  # fmt: skip
def test_a_sentence_becomes_the_card_that_asks_for_what_it_says(
    sentence: str, rule: str, question: str, answer: str
) -> None:
    assert (rule, question, answer) in made(page(sentence))


@pytest.mark.parametrize(
    ("sentence", "term"),
    [
        ("Sulphur dioxide causes acid rain, haze and cooling of the troposphere.", "Sulphur dioxide"),
        ("Ash eruptions are unrelated to season and often explosive: lahars with Nevado.", "Nevado"),
        ("Effusive eruptions depend on supply: lava lakes at Kilauea, ash falls at Pinatubo.", "Kilauea"),
        ("Carbonatite and kimberlite melts have no stable phenocrysts.", "stable phenocrysts"),
        ("During phreatic eruptions all vents are open.", "phreatic eruptions"),
        ("Loss of 20 % of the ash produces lahars below the crater.", "20"),
    ],
)
def test_what_several_would_fit_is_not_left_out(sentence: str, term: str) -> None:
    assert term not in {answer for _, _, answer in made(page(sentence))}


def test_of_two_things_that_are_said_to_be_so_neither_is_asked_for() -> None:
    assert not {
        rule for rule, _, _ in made(page("A caldera develops when magma drains quickly and the roof collapses inward."))
    } & {"definition", "reason"}


@pytest.mark.parametrize(
    "sentence",
    [
        "This is why basalt is dark.",
        "It melts at about 1240 °C.",
        "See figure 3 for the structure of a stratovolcano.",
        "Diagram (b) is an eruption with a viscosity of about 70 Pa s.",
        "10\u22123 kg of obsidian per litre of magma.",
        "Calculate the viscosity of basaltic lava at 1200 °C.",
        "The quiz on pyroclastic flows opens on Monday.",
        "With a pressure of 120 MPa and a depth of 50 km the density is 70 kg/m³.",
        "What melts at 1240 °C?",
        "As shown above, obsidian contains 70 % silica.",
        "The flow is faster and thinner.",
        "Wegenhauer concluded that they contain 70 % silica.",
        "Now cracks reach 20 km below a craton.",
        r"The density is \( \rho = \frac{m}{V} \begin{matrix} 1 \end{matrix} \) here.",
    ],
)
def test_what_cannot_be_understood_away_from_its_page_is_left_alone(sentence: str) -> None:
    assert made(page("Volcanoes are openings in a crust.", sentence)) == made(
        page("Volcanoes are openings in a crust.")
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Mount Tambora erupted in 1815.",
        "The Icelandic office carried out a survey of geothermal boreholes in 120 villages.",
        "Since the late 1970s, volcanologists have mapped calderas below 40 lakes.",
        "In recent years fumaroles have reached 300 °C.",
        "Volcanologists were measuring 900 °C at the fumaroles.",
        "A survey of 40 villages counts fumaroles as a hazard.",
        "Over the next decades the caldera will sink by 12 m.",
    ],
)
def test_what_happened_once_is_not_asked(sentence: str) -> None:
    assert not made(page(sentence))


def test_who_thought_of_something_is_told_by_name() -> None:
    said = "Wegenhauer proposed that kimberlite pipes begin as cracks in a craton."
    assert made(page(said)) == [
        ("cloze", "Wegenhauer proposed that kimberlite pipes begin as cracks in a […].", "craton")
    ]
    assert not made(page("Wegenhauer climbed to the kimberlite pipes of a craton."))


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Villagers below kimberlite pipes gain a foothold.", "foothold"),
        ("Geysers that spout keep their stopwatch near the craton.", "stopwatch"),
        ("A craton deals with several cheerful visitors.", "cheerful visitors"),
        ("The crust below a craton belongs to Norway.", "Norway"),
        ("Norwegian geologists classify the craton by pyroxene.", "pyroxene"),
        ("Surveyors distinguish various peridotites in a craton.", "peridotites"),
        ("Peridotites and eclogites are two common xenoliths of a craton.", "xenoliths"),
        ("The cone is hazardous and severely brecciated.", "brecciated"),
        ("Andesitic-poor melts differ from andesitic-rich melts.", "andesitic-rich melts"),
    ],
)
def test_a_word_of_everybody_is_not_left_out(sentence: str, answer: str) -> None:
    assert answer not in {one for _, _, one in made(page(sentence))}


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Peridotite reaches the surface as xenoliths in kimberlite.", "kimberlite"),
        ("Hot gas leaves through a channel called a conduit during an eruption.", "conduit"),
        ("Glassy spheres of peridotite (collectively called chondrules) fill the meteorite.", "chondrules"),
        ("Petrologists rate the peridotite of a craton on the ISO19 scale.", "ISO19 scale"),
        ("Peridotite melts at about 1800 °C.", "1800"),
    ],
)
def test_a_term_is_left_out_where_the_sentence_names_it_or_has_others_to_tell_it_by(sentence: str, answer: str) -> None:
    assert answer in {one for _, _, one in made(page(sentence))}


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("Kimberlite is smoother than wet sand on most beaches.", "Kimberlite"),
        ("Volcanic glass of this age, called obsidian protects the edges of a craton.", "obsidian protects the edges"),
        ("Perlite, often called popstone or glassrock, swells over peridotite when it is heated.", "popstone"),
        ("Petrologists find that peridotite below a craton is older than eclogite.", "Petrologists"),
        ("Xenoliths continue to rise through the kimberlite of a craton.", "Xenoliths"),
        ("Xenoliths are in the kimberlite below a craton.", "Xenoliths"),
        ("Peridotite and eclogite are the most brittle xenoliths of a craton.", "xenoliths"),
        ("Kimberlite is a xenolith of eclogite and peridotite.", "xenolith"),
        ("Children below the rim can walk 20 km a day.", "20"),
        ("A peridotite of great age (about 30 km) lies below a craton.", "30"),
    ],
)
def test_what_several_terms_would_fit_is_not_left_out(sentence: str, answer: str) -> None:
    assert answer not in {one for _, _, one in made(page(sentence))}


def test_a_term_is_left_out_of_one_sentence_of_a_course() -> None:
    one = page("Peridotite reaches the surface as xenoliths in kimberlite.")
    other = page("Pyrope keeps the isotopes of zircons in kimberlite.", heading="Diamonds")
    assert (
        [card.answer for card in candidates([one])] == [card.answer for card in candidates([other])] == ["kimberlite"]
    )
    assert len(candidates([one, other])) == 1


@pytest.mark.parametrize(("place", "asked"), [("Norway", False), ("lagoons", True)])
def test_what_is_so_in_one_place_is_not_asked(place: str, asked: bool) -> None:
    told = page(
        f"Geologists travel to {place} often.",
        f"The pyroxenite coasts of {place} get most of their peridotite sand from migmatite.",
    )
    assert bool(made(told)) is asked


def test_what_the_course_explains_or_says_all_over_is_a_term_of_it() -> None:
    explained = page("A quiet zone is a stretch of a fault that stores strain.", heading="Faults")
    said = page("Strain collects for a long time in the quiet zone.", heading="Strain")
    asked = ("cloze", "Strain collects for a long time in the […].", "quiet zone")
    assert asked in [(card.rule, shown(card), card.answer) for card in candidates([explained, said])]
    assert asked not in made(said)


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("Some vents show fumarolic activity, which is the escape of gas without any lava (Larsen & Holt, 1987).",
         "What is meant by fumarolic activity?", "The escape of gas without any lava."),
        ("The plume theory states that narrow columns of hot rock rise from the mantle.",
         "What does the plume theory state?", "That narrow columns of hot rock rise from the mantle."),
        ("Degassing is a steady loss of vapour, but it can stop.", "What is degassing?", "A steady loss of vapour."),
    ],
)  # fmt: skip
def test_what_is_said_by_the_way_of_a_term_defines_it(sentence: str, question: str, answer: str) -> None:
    assert ("definition", question, answer) in made(page(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Warmth and shelter are the critical benefits of a lava tube for bats.",
        "Cooling doesn't mean a volcano is extinct.",
        "A better measure is tephra volume.",
        "Cratons depend below the crust on peridotite.",
        "Basalt and andesite are dark rocks of a destructive margin.",
        "The average depth of a borehole is 90 m near the rim.",
        "Degassing describes when they lose vapour.",
        "Unrest among villagers is a concern below the rim.",
        "Caldera lakes depend on rain and melting snow.",
        "Larsen dreads ash fall, which is blinding goats in the valley.",
        "A well-known theory states that narrow columns of hot rock rise.",
        "The Java trench is a deep furrow below the sea.",
        "Effusive eruptions involve a steady flow of lava.",
        "Climbers aim at spatter rims, which are the bright targets of a slope.",
    ],
)
def test_what_is_no_definition_is_not_asked_as_one(sentence: str) -> None:
    assert "definition" not in {rule for rule, _, _ in made(page(sentence))}


@pytest.mark.parametrize(
    "sentence",
    [
        "Domes can collapse even when no magma rises in the vent.",
        "If a dome swells, and then cracks, it would be odd to call the vent extinct.",
        "If the alarm is to work, a village needs all of the sensors.",
        "After dinner, many geologists return to the crater rim.",
        "Obsidian is a good mirror because it is a mirror of natural glass.",
        "When the guest returns, a vent of the craton is closed.",
        "Larsen wondered if domes differ in the ways they crack.",
        "Villages are prepared for lahars when it comes to alarms.",
        "When ash falls on roofs, in gutters, and on lava fields, the damage is large.",
        "When lava meets water, some leave the caldera early.",
        "When the lava cools, they sell obsidian.",
        "Guides may close the caldera to them because fumaroles emit sulphur.",
        "Villages can be thought safe by present standards.",
        "A shop closes early because the owner is tired.",
        "Tiltmeters stand near the vent and only move when a dome swells below.",
    ],
)
def test_a_reason_that_is_cut_wrongly_is_not_asked(sentence: str) -> None:
    assert "reason" not in {rule for rule, _, _ in made(page(sentence))}


def test_what_a_sentence_cites_is_left_out_of_the_card_and_not_of_its_quote() -> None:
    text = "Basaltic lava is runny (Figure 3.2) because it contains little silica (Larsen & Holt, 1987)."
    [card] = candidates([page(text)])
    assert (shown(card), card.back) == ("Why is basaltic lava runny?", "Because it contains little silica.")
    assert card.quote == text


def test_a_definition_ends_where_something_else_is_said() -> None:
    text = "Fumaroles are vents of hot gas and are mapped from the air."
    assert made(page(text)) == [("definition", "What are fumaroles?", "Vents of hot gas.")]


def test_a_name_given_in_the_sentence_after_is_asked_with_both() -> None:
    text = "Hot water rises through cracks in the cooling rock. This slow rise is called hydrothermal circulation."
    question = "Hot water rises through cracks in the cooling rock. This slow rise is called […]."
    assert ("cloze", question, "hydrothermal circulation") in made(page(text))


def test_offices_are_not_spelt_out_and_terms_are() -> None:
    text = "The Lava Observation Office (LOO) measures the volcanic explosivity index (VEI) of an eruption."
    assert {answer for rule, _, answer in made(page(text)) if rule == "abbreviation"} == {"volcanic explosivity index"}


def test_rows_that_are_measured_are_no_things() -> None:
    rows = (
        "Depth (km) | Rock | Glass\nDepth (km): 2; Rock: tuff; Glass: pumice\nDepth (km): 9; Rock: gabbro; Glass: none"
    )
    assert not made(page(rows))


def test_rules_for_english_leave_other_languages_alone() -> None:
    assert not made(
        page("Les volcans de la chaîne des Puys sont dans une zone de rift, et la lave est riche en silice.")
    )


def test_what_is_about_the_course_and_not_its_subject_is_left_alone() -> None:
    text = "Obsidian is formed by rapid cooling of lava."
    for kind in ("forum", "assign", "quiz", "label", "section"):
        assert not candidates([Source(text=text, title="Obsidian", heading="Obsidian", kind=kind)])
    for heading in ("Questions for self-study", "Results", "Learning objectives", "Worked numbers"):
        assert not candidates([page(text, heading=heading)])
    assert candidates([page(text, heading="The results of heat on rock")])


def test_a_glossary_asks_what_its_terms_mean_and_gives_no_answer_away() -> None:
    entry = Source(
        text="Tephra; ejecta\n\nFragments that a volcano ejects. It falls near the vent.", title="Tephra",
        heading="Tephra; ejecta", kind="glossary",
    )  # fmt: skip
    [card] = [card for card in candidates([entry]) if card.rule == "glossary"]
    assert (card.front, card.back) == ("What is meant by **Tephra**?", "Fragments that a volcano ejects.")


def test_a_glossary_asks_for_other_names_by_themselves_and_for_no_figures_besides() -> None:
    entry = Source(
        text="Volcanic explosivity index; VEI; V/E\n\nThe scale of how much an eruption ejects; normally 2.",
        title="Index", heading="Volcanic explosivity index; VEI; V/E", kind="glossary",
    )  # fmt: skip
    assert {(card.front, card.back) for card in candidates([entry])} == {
        ("What is meant by **Volcanic explosivity index**?", "The scale of how much an eruption ejects."),
        ("What does **VEI** stand for?", "Volcanic explosivity index"),
    }


def test_a_table_is_asked_by_its_rows_and_measurements_are_not() -> None:
    rows = (
        "Rock | Silica | Colour\nRock: basalt; Silica: 50 %; Colour: black\nRock: rhyolite; Silica: 72 %; Colour: pink"
    )
    asked = {(question, answer) for rule, question, answer in made(page(rows)) if rule == "table"}
    assert ("Basalt (rock): what does the course give as its colour?", "black") in asked
    assert ("Rhyolite (rock): what does the course give as its silica?", "72 %") in asked
    data = "Depth | Pressure | Density\nDepth: 1; Pressure: 30; Density: 2.7\nDepth: 2; Pressure: 60; Density: 2.8"
    assert not made(page(data))
    tossed = "Rock | Viscosity\nRock: basalt; Viscosity: low\nRock: rhyolite; Viscosity: high"
    assert not made(page(tossed))


def test_a_table_is_not_asked_for_what_its_rows_share_or_for_one_of_many() -> None:
    rows = [
        ("M1", "arc", "granite, basalt", "crust, mantle", "cratons"),
        ("M2", "rift", "pyroxene", "asthenosphere", "all cratons"),
    ]
    heads = ("Magma", "Type", "Activator", "Sources of heat", "Found in")
    lines = ["; ".join(f"{head}: {cell}" for head, cell in zip(heads, row, strict=True)) for row in rows]
    asked = {(question, answer) for rule, question, answer in made(page("\n".join(lines))) if rule == "table"}
    assert asked == {("Pyroxene (activator): which magma?", "M2")}


def test_two_things_side_by_side_are_asked_for_what_they_differ_in() -> None:
    rows = "Property | Shield | Cone\nProperty: Slope; Shield: gentle; Cone: steep\nProperty: Vents; Shield: 1; Cone: 1"
    assert made(page(rows)) == [
        ("table", "Slope: how do shield and cone differ?", "Shield: gentle; cone: steep"),
    ]


def test_a_list_that_says_how_many_it_has_is_asked_whole() -> None:
    source = page("Shield\nCinder cone\nStratovolcano", heading="Three kinds of volcano")
    assert made(source) == [("list", "Name the three kinds of volcano.", "- Shield\n- Cinder cone\n- Stratovolcano")]


def test_formulas_are_asked_where_they_can_be_read() -> None:
    formula = made(page(r"The density is \( \rho = \frac{m}{V} \)."))
    assert formula == [("formula", "What is the formula of the density?", "ρ = m/V")]  # noqa: RUF001


def test_the_same_fact_is_asked_once() -> None:
    first = page("Obsidian is formed by rapid cooling of lava.")
    again = page("Obsidian is formed by rapid cooling of lava.", heading="Glasses")
    entry = Source(text="Magma\n\nMolten rock below ground.", title="Magma", heading="Magma", kind="glossary")
    page_of_it = page("Magma is molten rock below the surface of a planet.")
    assert len(candidates([first, again])) == 1
    assert [card.rule for card in candidates([entry, page_of_it])] == ["glossary"]


def test_the_same_figure_is_asked_once_however_it_is_written() -> None:
    source = page("Halving the width of a vent raises its resistance to rhyolite lava sixteen-fold.")
    question = record(
        "multichoice", "If the width of a vent is halved, its resistance changes by a factor of", Answer("16", 1),
        single=True,
    )  # fmt: skip
    bank = [(question, Source(text="", title="Vents", kind="question"))]
    assert len(candidates([source])) == len(candidates([], bank)) == len(candidates([source], bank)) == 1


def test_a_gap_is_told_nowhere_on_its_card_and_every_quote_stands_in_its_passage() -> None:
    source = page(
        "Granite melts at about 1240 °C. Pyroclastic flows reach 700 km/h. Phreatic eruptions throw out no magma.",
        "Rhyolite contains more silica than andesite. Peridotite reaches the surface as xenoliths in kimberlite.",
        heading="Pyroclastic flows",
    )
    found = candidates([source])
    assert len([card for card in found if card.kind == "cloze"]) >= 2
    for card in found:
        assert card.quote in source.text
        if card.kind == "cloze":
            assert GAP.findall(card.front)[0].casefold() not in card.shown.casefold()


def test_text_of_others_acts_neither_as_markup_nor_as_gaps() -> None:
    hostile = (
        "<img src=x onerror=alert(1)> erupted in 1815. Mount {{c9::Tambora}} **erupted** at [x](javascript:y) in 1815."
    )
    assert all(
        "<img" not in card.front and "](" not in card.front.replace("\\", "") for card in candidates([page(hostile)])
    )


def record(qtype: str, text: str, *answers: Answer, **more: object) -> QuestionRecord:
    return QuestionRecord(qtype=qtype, name="q", text=text, answers=answers, **more)  # type: ignore[arg-type]


def test_questions_become_cards_where_they_need_no_choices() -> None:
    source, none = Source(text="", title="Rocks", kind="question"), Vocabulary(())
    short = record(
        "shortanswer", "<p>Name the rock of cooled lava glass.</p>", Answer("obsidian", 1), Answer("*glass*", 1)
    )
    [card] = questions(short, source, none)
    assert (card.front, card.back) == ("Name the rock of cooled lava glass.", "obsidian or glass")
    choice = record("multichoice", "Which of these is a rock?", Answer("basalt", 1), Answer("wood"))
    assert not list(questions(choice, source, none))
    for text, answer in (
        ("Which rock is a volcanic glass?", "obsidian"),
        ("A shield volcano", "has gentle slopes"),
        ("The scale of eruptions has two names. Give them (one or both).", "VEI"),
    ):
        assert not list(questions(record("multichoice", text, Answer(answer, 1), single=True), source, none))
    sums = record("numerical", "The mass is 3 kg and the volume 2 L. What is the density?", Answer("1.5", 1))
    assert not list(questions(sums, source, none))
    wrong = record("truefalse", "Basalt floats.", Answer(TRUE, 0, "Basalt is denser than water is."), Answer(FALSE, 1))
    [card] = questions(wrong, source, none)
    assert card.back == "False. Basalt is denser than water is."
    pairs = QuestionRecord(
        qtype="match", name="q", text="Match each rock with its colour.", answers=(),
        pairs=(Pair("Basalt", "black"), Pair("Rhyolite", "pink")),
    )  # fmt: skip
    assert {(card.front, card.back) for card in questions(pairs, source, none)} == {
        ("Basalt (rock): what is its colour?", "black"),
        ("Rhyolite (rock): what is its colour?", "pink"),
    }


PASSAGE = page("Pumice floats on water because gas bubbles fill it. Basalt holds about 50 % silica.")
GOOD = {
    "passage": 1, "front": "Why does pumice float on water?", "back": "Gas bubbles fill it.",
    "quote": "Pumice floats on water because gas bubbles fill it.",
}  # fmt: skip


def test_a_models_card_is_kept_where_the_passage_says_it() -> None:
    [card] = held([GOOD], [PASSAGE])
    assert (card.rule, card.back, card.quote) == ("model", "Gas bubbles fill it.", GOOD["quote"])


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "Pumice floats since it is hollow inside."},
        {"back": "It is full of helium atoms."},
        {"back": "Gas bubbles fill 80 % of it."},
        {"front": "Why does this float on water?"},
        {"front": "Do gas bubbles fill pumice?"},
        {"passage": 2},
        {"passage": "1"},
        {"back": ""},
        {"front": "x" * 400},
        {"quote": "floats on"},
    ],
)
def test_a_models_card_is_left_out_where_it_does_not(change: dict[str, object]) -> None:
    assert not held([GOOD | change], [PASSAGE])


def test_what_a_model_writes_in_the_place_of_cards_is_no_card() -> None:
    assert not held([None, "card", {}, {"front": 1, "back": 2, "quote": 3, "passage": 1}], [PASSAGE])
