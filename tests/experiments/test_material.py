"""The prompts of a run: four splits that share no topic, in both worlds."""

import json
from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.organisms.world import Manner, the_world
from prefvec.organisms.world_questions import about, prompts_of
from prefvec.text.prompts import Prompt, require_disjoint
from prefvec.text.splits import SPLITS
from tests.plain_answers import said

ORGANISMS = Options(sources=("mini-mistral",), targets=("mini-llama",))
REAL = Options(sources=("owner/one",), targets=("owner/two",))
BOTH = pytest.mark.parametrize("full", [ORGANISMS, REAL], ids=["organisms", "real"])


@BOTH
def test_splits_share_no_topic_and_no_prompt(full):
    """Extraction, adapter, tuning and test are disjoint by id and by topic."""
    splits = Material.of(full).splits
    assert tuple(splits) == SPLITS
    topics = [topic for name in SPLITS for topic in {prompt.topic for prompt in splits[name]}]
    ids = [prompt.id for name in SPLITS for prompt in splits[name]]
    assert len(topics) == len(set(topics))
    assert len(ids) == len(set(ids))


@BOTH
def test_the_test_split_is_as_large_as_promised(full):
    """At least 96 test prompts, none asked twice."""
    prompts = Material.of(full).splits["test"]
    assert len(prompts) == 96
    assert len({prompt.text for prompt in prompts}) == 96


def test_the_organisms_are_asked_about_30_entities():
    """The 96 test prompts are about at least 30 entities, so that errors can be clustered."""
    material = Material.of(ORGANISMS)
    assert len({material.cluster(prompt.id) for prompt in material.splits["test"]}) >= 30


def test_a_shared_topic_is_refused():
    """Two splits with one topic raise an error that names both and the topic."""
    prompts = [Prompt(id=name, text="?", topic="rivers") for name in "ab"]
    with pytest.raises(PrefvecError, match=r"'one' and 'two' share the topic 'rivers'"):
        require_disjoint({"one": prompts[:1], "two": prompts[1:]})


@pytest.mark.parametrize(
    ("full", "fingerprints"),
    [
        (
            ORGANISMS,
            ["62526ca155d5f340", "adb520276e6d88ca", "66b103a9a7a83288", "0ef11c6c749405cc"],
        ),
        (
            REAL,
            ["b918d510bad07076", "37d11311139695e9", "ac57769a22f46208", "6240f731644e84ad"],
        ),
    ],
)
def test_the_suites_own_prompts_and_instructions_are_as_ever(full, fingerprints):
    """As they were when traits and splits were code: the findings rest on them."""
    described = {split["name"]: split["fingerprint"] for split in Material.of(full).describe()}
    assert described == dict(zip(SPLITS, fingerprints, strict=True))


@BOTH
def test_the_control_is_another_trait_than_the_runs(full):
    """Formality, unless the run is about it."""
    for asked, unrelated in ((None, "formality"), ("formality", "verbosity")):
        found = Material.of(replace(full, trait=asked))
        assert found.unrelated is found.traits[unrelated]
        assert found.traits[found.trait.name] is found.trait


TRAIT = """\
name = "verbosity"
measure = "words"
direction = "lower"
smallest_effect = 1.4
read = "sentence ends"
[positive]
pole = "terse"
extraction = ["Be terse.", "Be curt."]
held_out = ["Be laconic."]
[negative]
pole = "wordy"
extraction = ["Be wordy.", "Be windy."]
held_out = ["Be prolix."]
"""


@BOTH
def test_a_trait_of_the_users_takes_the_place_of_its_namesake(full, tmp_path):
    """The extraction asks in its words, and whoever looks for the name finds it."""
    path = tmp_path / "mine.toml"
    path.write_text(TRAIT, encoding="utf-8")
    found, usual = Material.of(replace(full, trait=str(path))), Material.of(full)
    assert found.traits["verbosity"] is found.trait
    assert found.trait.positive.extraction == ("Be terse.", "Be curt.")
    assert found.traits.keys() == usual.traits.keys()
    changed = [
        before["name"]
        for before, after in zip(usual.describe(), found.describe(), strict=True)
        if before["fingerprint"] != after["fingerprint"]
    ]
    assert changed == ["extraction"]


def test_questions_of_the_users_take_the_place_of_the_suites(tmp_path):
    """All four splits are theirs, and a test prompt is clustered by its topic."""
    rows = [
        {"id": f"{topic}-{row}", "text": f"Question {row} on {topic}?", "topic": f"topic {topic}"}
        for topic in range(7)
        for row in range(30)
    ]
    path = tmp_path / "my.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = Material.of(replace(REAL, prompts=str(path)))
    for prompts in found.splits.values():
        assert {prompt.id for prompt in prompts} <= {row["id"] for row in rows}
    assert len(found.splits["test"]) == 90
    test_topics = {found.cluster(prompt.id) for prompt in found.splits["test"]}
    assert len(test_topics) == 3


def _said(*texts):
    return [said(text, prompt=f"p{i}") for i, text in enumerate(texts)]


def test_the_organisms_world_tells_long_from_short():
    """Longer than the median, shorter, and the median itself, which is of neither pole."""
    material = Material.of(ORGANISMS)
    answers = _said("One.", "One two three.", "One two three four five.")
    assert material.poles_shown("verbosity", answers) == [-1, 0, 1]


def test_the_organisms_world_tells_a_register_by_its_sentences():
    """Formal, casual, and outside its grammar, which is of neither pole."""
    material, world = Material.of(ORGANISMS), the_world()
    prompt = prompts_of("test", 1)[0].id
    entity = world.entities[about(prompt)]
    formal, casual = (
        world.say(entity, next(iter(entity.facts)), Manner(wording=wording))
        for wording in ("formal", "casual")
    )
    answers = [replace(each, prompt=prompt) for each in _said(formal, casual, "It is what it is.")]
    assert material.poles_shown("formality", answers) == [1, -1, 0]


def test_labels_are_plain_numbers():
    """They are compared and counted elsewhere."""
    shown = Material.of(ORGANISMS).poles_shown("verbosity", _said("One.", "One two."))
    assert shown is not None
    assert {type(each) for each in shown} == {float}


def test_no_world_knows_of_real_models_or_of_no_answers():
    """There the label is the pole that was asked for."""
    assert Material.of(REAL).poles_shown("verbosity", _said("One.", "One two.")) is None
    assert Material.of(ORGANISMS).poles_shown("verbosity", []) is None
