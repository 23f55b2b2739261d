"""The two subjects: the small world, whose facts are known, and open questions."""

from dataclasses import replace

import pytest

from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.open_questions import QUESTIONED
from prefvec.experiments.subject import EVERY_SUBJECT, subject_of
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.organisms.world import Manner, the_world
from prefvec.organisms.world_questions import about, prompts_of
from prefvec.text.completions import Completion
from prefvec.text.prompts import require_disjoint
from prefvec.text.splits import SPLITS

PROMPT = prompts_of("test", 1)[0].id


def said(coefficient: float, *manners: Manner, perplexity: float | None = None) -> Completion:
    """An answer that states one fact in each manner."""
    world = the_world()
    entity = world.entities[about(PROMPT)]
    facts = zip(entity.facts, manners, strict=False)
    return Completion(
        prompt=PROMPT,
        sample=0,
        text=" ".join(world.say(entity, fact, manner) for fact, manner in facts),
        n_tokens=9,
        finish_reason="stop",
        arm="native",
        coefficient=coefficient,
        perplexity=perplexity,
    )


def test_the_small_world_tells_facts_and_manners():
    """Counted by hand."""
    plain = SMALL_WORLD.secondary([said(0.0, Manner())])
    assert plain["facts"] == 1
    mixed = SMALL_WORLD.secondary(
        [
            said(1.0, Manner(), Manner(wording="casual")),
            said(1.0, Manner(wording="casual"), Manner(wording="casual")),
        ]
    )
    assert mixed["facts"] == 2
    assert (plain["share_formal"], mixed["share_formal"]) == (1, 1 / 4)


def test_the_sentence_that_a_cut_breaks_off_in_is_no_fault():
    """Of an answer that the cap ended; one that ended by itself there is no text."""
    whole = said(1.0, Manner(), Manner())
    broken = replace(whole, text=f"{whole.text} Perhaps it")
    assert not SMALL_WORLD.is_text(broken)
    assert SMALL_WORLD.is_text(replace(broken, finish_reason="length"))


def test_nobody_knows_what_is_so_in_the_real_world():
    """No facts, no falsehoods, and no grammar that an answer must fit."""
    answer = replace(said(1.0, Manner()), text="Paris lies in Rome")
    assert QUESTIONED.secondary([answer]) == {}
    assert QUESTIONED.falsehoods(answer) == []
    assert QUESTIONED.is_text(answer)


def test_the_small_worlds_grammar_decides_what_is_text():
    """A sentence it cannot read is none; one it can read is."""
    said_so = said(1.0, Manner())
    assert SMALL_WORLD.is_text(said_so)
    assert not SMALL_WORLD.is_text(replace(said_so, text="Blue ideas sleep."))


def test_what_is_false_is_found_in_its_place():
    """The span of a sentence about another entity."""
    world, answer = the_world(), said(1.0, Manner())
    other = next(e for e in world.entities.values() if e.name != about(PROMPT))
    false = world.say(other, next(iter(other.facts)), Manner())
    text = f"{answer.text} {false}"
    assert SMALL_WORLD.falsehoods(replace(answer, text=text)) == [(len(answer.text) + 1, len(text))]


def test_a_run_of_organisms_alone_is_about_the_small_world():
    """One model that knows the real world, and all are asked open questions."""
    assert subject_of(["mini-mistral", "rotated-twin"]) is SMALL_WORLD
    assert subject_of(["mini-mistral", "owner/name"]) is QUESTIONED


@pytest.mark.parametrize("subject", EVERY_SUBJECT, ids=lambda subject: subject.kind)
def test_every_subject_is_one_by_its_protocol(subject):
    """Four splits, disjoint by topic; each trait measured by one of its own measures."""
    splits = subject.splits(None, n_test=24, quick=True)
    assert tuple(splits) == SPLITS
    require_disjoint(splits)
    cluster = subject.clusters(splits["test"])
    assert all(cluster(prompt.id) for prompt in splits["test"])
    names = {trait.measure.name.removesuffix("-reversed") for trait in traits_of(subject).values()}
    assert names <= subject.measures.keys()
