"""The prompts of a run: four splits that share no topic, in both worlds."""

import dataclasses

import pytest

from fixtures.options import Options
from fixtures.prompts import SPLITS, organism_material, question_material, split_by_topic
from prefvec.errors import PrefvecError
from prefvec.prompts import Prompt, require_disjoint


@pytest.fixture
def full(options) -> Options:
    """The options of a full run."""
    return dataclasses.replace(options, quick=False, n_prompts=96)


@pytest.mark.parametrize("material", [organism_material, question_material])
def test_splits_share_no_topic_and_no_prompt(material, full):
    """Extraction, adapter, tuning and test are disjoint by id and by topic."""
    splits = material(full).splits
    assert tuple(splits) == SPLITS
    topics = [topic for name in SPLITS for topic in {prompt.topic for prompt in splits[name]}]
    ids = [prompt.id for name in SPLITS for prompt in splits[name]]
    assert len(topics) == len(set(topics))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("material", [organism_material, question_material])
def test_the_test_split_is_as_large_as_promised(material, full):
    """At least 96 test prompts, none asked twice."""
    prompts = material(full).splits["test"]
    assert len(prompts) == 96
    assert len({prompt.text for prompt in prompts}) == 96


def test_the_organisms_are_asked_about_30_entities(full):
    """The 96 test prompts are about at least 30 entities, so that errors can be clustered."""
    material = organism_material(full)
    assert len({material.cluster(prompt.id) for prompt in material.splits["test"]}) >= 30


@pytest.mark.parametrize("material", [organism_material, question_material])
def test_the_baseline_asks_in_words_the_vector_has_not_seen(material, full):
    """No paraphrase of the prompt-only baseline is one of the extraction's."""
    found = material(full)
    for pole in ("positive", "negative"):
        assert not set(getattr(found.trait, pole)) & set(getattr(found.prompted, pole))


def test_a_shared_topic_is_refused():
    """Two splits with one topic raise an error that names both and the topic."""
    prompts = [Prompt(id=name, text="?", topic="rivers") for name in "ab"]
    with pytest.raises(PrefvecError, match=r"'one' and 'two' share the topic 'rivers'"):
        require_disjoint({"one": prompts[:1], "two": prompts[1:]})


def test_the_deal_of_topics_does_not_depend_on_the_order_of_the_file():
    """Shuffled lines give every split the same topics."""
    prompts = [
        Prompt(id=f"{topic}-{row}", text="?", topic=f"topic {topic}")
        for topic in range(14)
        for row in range(3)
    ]
    first, again = split_by_topic(prompts), split_by_topic(prompts[::-1])
    for name in SPLITS:
        assert {p.topic for p in first[name]} == {p.topic for p in again[name]}
