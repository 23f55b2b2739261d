"""What a trait's wording says against it: each doubt is told where it is due, and nowhere else."""

import math

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.subject import EVERY_SUBJECT
from prefvec.text.measures import FORMALITY, WORDS
from prefvec.text.trait_doubts import trait_doubts
from prefvec.text.trait_files import load_trait
from prefvec.text.traits import Pole, Trait

EVERY = [
    pytest.param(trait, id=f"{subject.kind}-{name}")
    for subject in EVERY_SUBJECT
    for name, trait in traits_of(subject).items()
]
FORMAL = ("Answer in formal language.", "Keep your wording strictly professional.")
CASUAL = ("Answer in casual language.", "Keep your wording totally relaxed.")


def trait(positive=FORMAL, negative=CASUAL, *, names=("formal", "casual"), held_out=None, **other):
    """A trait of formality, asked for in other words."""
    held = held_out or ("Use the register of an encyclopaedia.", "Use slang.")
    poles = [
        Pole(name=name, extraction=tuple(asked), held_out=(said,))
        for name, asked, said in zip(names, (positive, negative), held, strict=True)
    ]
    return Trait(
        **{"name": "register", "measure": FORMALITY, **other},
        positive=poles[0],
        negative=poles[1],
        read="every token",
        smallest_effect=math.log(1.25),
    )


def the_doubt(doubted):
    """The only one."""
    (found,) = trait_doubts(doubted)
    return found


@pytest.mark.parametrize("shipped", EVERY)
def test_no_shipped_trait_is_doubtful(shipped):
    """Else a user could not tell a doubt that matters."""
    assert trait_doubts(shipped) == []
    assert trait_doubts(trait()) == []


@pytest.mark.parametrize(
    ("negative", "held_out"),
    [
        (("Answer in language that is anything but formal.", CASUAL[1]), None),
        (CASUAL, ("Use the register of an encyclopaedia.", "Never be formal.")),
    ],
    ids=["extraction", "held-out"],
)
def test_a_pole_that_names_the_other_is_doubtful(negative, held_out):
    """Whoever is told what not to be takes the word up; by whole words, in any case."""
    told = the_doubt(trait(negative=negative, held_out=held_out))
    assert told.startswith("The negative pole names the other one: ")
    assert "'formal'" in told


def test_a_part_of_a_word_is_not_the_word():
    """To be informal is not to be formal; a pole that is called "not formal" names itself."""
    assert trait_doubts(trait(negative=("Answer in informal language.", CASUAL[1]))) == []
    asked = ("Answer in language that is not formal.", CASUAL[1])
    assert trait_doubts(trait(negative=asked, names=("formal", "not formal"))) == []


@pytest.mark.parametrize(
    "denied",
    ["Do not answer in lofty language.", "Don\u2019t answer in LOFTY language!"],
)
def test_a_pole_that_is_the_others_words_and_a_negation_is_doubtful(denied):
    """Though it does not name it."""
    asked = ("Answer in lofty language!", FORMAL[1]), (denied, CASUAL[1])
    found = trait_doubts(trait(*asked))
    assert found[0].startswith("The negative pole asks in the other one's words: ")
    assert "'Answer in lofty language!'" in found[0]


@pytest.mark.parametrize(
    ("spoilt", "what"),
    [
        ("Answer in casual language!", "the mark they end with"),
        ("Answer in casual language", "the mark they end with"),
        ("ANSWER IN CASUAL LANGUAGE.", "capitals"),
        ("Answer in casual language. ", "white space around them or line breaks"),
        ("\nAnswer in casual language.", "white space around them or line breaks"),
        ("Answer\nin casual language.", "white space around them or line breaks"),
    ],
)
def test_pairs_that_differ_in_form_are_doubtful(spoilt, what):
    """One pair is enough, and it is shown."""
    told = the_doubt(trait(negative=(spoilt, CASUAL[1])))
    assert told.startswith(f"Paired instructions differ in {what} (1 of 2, as ")
    assert repr(spoilt) in told


def test_form_that_both_share_is_no_doubt():
    """Whatever it is."""
    both = [tuple(f"{text.rstrip('.').upper()} !\n" for text in pole) for pole in (FORMAL, CASUAL)]
    assert trait_doubts(trait(*both)) == []


def test_pairs_that_share_no_word_are_doubtful_where_most_are_such():
    """One of two is let pass, and single words cannot share one."""
    strange = ("Write like an old diplomat.", "Talk as mates do.")
    one = trait((strange[0], FORMAL[1]), (strange[1], CASUAL[1]))
    assert trait_doubts(one) == []
    told = the_doubt(trait((strange[0], "Be formal."), (strange[1], "Relax your tone.")))
    assert told.startswith("Most paired instructions share no word (2 of 2")
    assert trait_doubts(trait(("Formally.", "Stiffly."), ("Casually.", "Loosely."))) == []


def test_poles_that_are_asked_for_at_unlike_length_are_doubtful():
    """From threefold on, in the mean."""
    long = "Answer in formal language such as one finds in the letters of public officials."
    told = the_doubt(trait((long, long.replace("formal", "lofty"))))
    assert told.startswith("The instructions of one pole are 3.1 times as long as")
    assert "14.0 for the positive pole, 4.5 for the negative" in told
    assert trait_doubts(trait((long, FORMAL[1]))) == []


def test_asking_for_length_is_doubtful_where_the_trait_is_not_length():
    """Unless both are asked for the same, or the trait is about it by its measure or its poles."""
    asked = (
        ("Answer in long and formal words.", FORMAL[1]),
        ("Answer in short and casual words.", CASUAL[1]),
    )
    told = the_doubt(trait(*asked))
    assert told.startswith("A pair of instructions asks for answers of unlike length")
    assert "Take 'long' and 'short' out" in told
    alike = [tuple(text.replace("long", "short") for text in pole) for pole in asked]
    assert trait_doubts(trait(*alike)) == []
    for measure in (WORDS, WORDS.reversed()):
        assert trait_doubts(trait(*asked, measure=measure)) == []
    assert trait_doubts(trait(*asked, names=("lengthy", "concise"))) == []


def test_instructions_that_differ_in_a_mark_alone_are_an_error(tmp_path):
    """Both poles would ask the same, or what is held out be read by the vector."""
    pole = 'pole = "{0}"\nextraction = ["Be {0}.", "Sound {0}."]\nheld_out = ["{1}"]\n'
    head = 'name = "tone"\nmeasure = "formality"\ndirection = "higher"\n'
    head += 'smallest_effect = 1.25\nread = "every token"\n'
    path = tmp_path / "tone.toml"
    for repeated in ("Be stiff!", "be  stiff"):
        poles = f"[positive]\n{pole.format('stiff', 'Be stiff, please.')}"
        poles += f"[negative]\n{pole.format('loose', repeated)}"
        path.write_text(head + poles, encoding="utf-8")
        with pytest.raises(PrefvecError, match=r"negative\.held_out` repeats"):
            load_trait(path)
