"""What adapters read is what their regime promises, by organisms that answer."""

from collections import Counter
from dataclasses import replace

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.options import Options
from prefvec.experiments.own_vectors import native_vectors, null_vector
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import (
    EXPOSED,
    EXPOSURE_0,
    OTHER_CONCEPTS,
    TRAIT_BLIND_PROMPTS,
    TWO_CONCEPTS,
    exposed,
    exposed_rows,
)

pytestmark = pytest.mark.integration

SOURCE, TARGET = "mini-mistral", "mini-llama"
PAIR = Pair(source=SOURCE, target=TARGET)


@pytest.fixture(scope="module")
def readings(tmp_path_factory):
    """The readings of a smoke run: 200 turns."""
    options = Options(
        sources=(SOURCE,),
        targets=(TARGET,),
        device="cpu",
        samples=1,
        n_prompts=24,
        store=tmp_path_factory.mktemp("readings") / "completions.sqlite",
        quick=True,
    )
    with Lab.open(options) as lab:
        yield Readings.of(lab)


def shares(readings, prompts):
    """Of the rows, how many ask for each pole of each concept."""
    poles = {
        instruction: (name, pole)
        for name, trait in readings.lab.material.traits.items()
        for pole in ("positive", "negative")
        for instruction in getattr(trait, pole).held_out
    }
    asked = Counter(poles[prompt.instruction] for prompt in prompts if prompt.instruction)
    return {key: count / len(prompts) for key, count in asked.items()}


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.2])
def test_exposure_is_exact_and_half_of_either_pole(readings, share):
    """Of all rows, and of no other concept."""
    turns = readings.turns(exposed(share), "verbosity")
    found = shares(readings, [prompt for prompt, _ in turns])
    each = {("verbosity", pole): share / 2 for pole in ("positive", "negative")} if share else {}
    assert found == pytest.approx(each)


@pytest.mark.parametrize("trait", ["verbosity", "tense"])
def test_a_mapper_of_other_concepts_has_never_seen_the_judged_one(readings, trait):
    """5 % of its rows ask for each of the others; the judged concept's instructions are absent."""
    turns = readings.turns(OTHER_CONCEPTS, trait)
    found = shares(readings, [prompt for prompt, _ in turns])
    assert {name for name, _ in found} == {*readings.lab.material.traits} - {trait}
    assert set(found.values()) == {0.025}


def test_prompts_alone_hold_other_concepts_and_not_the_trait(readings):
    """As many rows as turns, and none under an instruction of the trait."""
    prompts = readings.prompts(TRAIT_BLIND_PROMPTS, "verbosity")
    assert len(prompts) == 200
    assert {name for name, _ in shares(readings, prompts)} == {*readings.lab.material.traits} - {
        "verbosity"
    }


@pytest.mark.parametrize("regime", [EXPOSED, exposed(0.2), OTHER_CONCEPTS, exposed_rows(125)])
def test_no_question_is_asked_for_both_poles_and_none_in_extractions_words(readings, regime):
    """Or a map is shown the contrast that it is to carry."""
    traits = readings.lab.material.traits
    prompts = [prompt for prompt, _ in readings.turns(regime, "verbosity") if prompt.instruction]
    for trait in traits.values():
        sides = [
            {p.id for p in prompts if p.instruction in pole.held_out}
            for pole in (trait.positive, trait.negative)
        ]
        assert not set.intersection(*sides)
        read = {*trait.positive.extraction, *trait.negative.extraction}
        assert not read & {prompt.instruction for prompt in prompts}


def test_the_pole_of_a_question_does_not_follow_its_topic(readings):
    """Every topic has as many questions for one pole as for the other, one at most apart."""
    asked = [p for p, _ in readings.turns(exposed(0.2), "verbosity") if p.instruction]
    longer = readings.lab.material.traits["verbosity"].positive.held_out
    sides = [
        Counter(p.topic for p in asked if (p.instruction in longer) == long) for long in (1, 0)
    ]
    assert {topic for side in sides for topic in side} == {p.topic for p in asked}
    assert all(abs(sides[0][p.topic] - sides[1][p.topic]) <= 1 for p in asked)


@pytest.mark.parametrize(
    ("words", "question", "match"),
    [
        ("extraction", None, "which extraction uses"),
        ("held_out", 0, "for both poles"),
    ],
)
def test_rows_that_hold_the_answer_are_refused(readings, words, question, match):
    """Extraction's own wording, or one question under both poles, never reach an adapter."""
    prompts = [prompt for prompt, _ in readings.turns(EXPOSED, "verbosity")]
    longer, shorter = (
        getattr(readings.lab.material.traits["verbosity"], pole)
        for pole in ("positive", "negative")
    )
    first, *_ = (i for i, p in enumerate(prompts) if p.instruction in longer.held_out)
    last = max(i for i, p in enumerate(prompts) if p.instruction in shorter.held_out)
    wording = getattr(shorter, words)[0]
    prompts[last] = prompts[last if question is None else first].instructed(wording)
    with pytest.raises(PrefvecError, match=match):
        readings._assert_regime(EXPOSED, "verbosity", prompts)


def test_the_target_alone_is_the_labelled_difference_of_the_exposed_rows(readings):
    """Oracle: the two means over what the target holds in the exposed turns, subtracted."""
    site = readings.lab.sites(TARGET)[3]
    vector = readings.target_only(EXPOSED, "verbosity", TARGET, site)
    longer = readings.lab.material.traits["verbosity"].positive.held_out
    turns = readings.turns(EXPOSED, "verbosity")
    values = readings.read(TARGET, EXPOSED, "verbosity").values[site].values.double()
    shown = [
        (values[i], p.instruction in longer) for i, (p, _) in enumerate(turns) if p.instruction
    ]
    positive, negative = (torch.stack([v for v, is_ in shown if is_ == s]) for s in (True, False))
    torch.testing.assert_close(
        vector.norm * vector.direction.double(), positive.mean(0) - negative.mean(0)
    )
    assert vector.residual_norm == residual_norms(readings.lab, TARGET)[site]
    assert vector.space.site == site
    assert vector.estimator == "target-only over the exposed rows"
    assert vector.read_from == {p.id for p, _ in turns if p.instruction}


@pytest.mark.parametrize(
    "regime", [EXPOSURE_0, exposed(0.0), OTHER_CONCEPTS, TRAIT_BLIND_PROMPTS, TWO_CONCEPTS]
)
def test_without_exposure_the_target_alone_has_nothing(readings, regime):
    """No row asks for the trait, so no difference could be labelled."""
    site = readings.lab.sites(TARGET)[3]
    assert readings.target_only(regime, "verbosity", TARGET, site) is None
    assert readings.target_only(exposed_rows(8), "verbosity", TARGET, site) is None


def test_vectors_and_maps_know_the_questions_that_they_have_read(readings):
    """A carried vector has read extraction's and the adapter's, and never tuning's or test's."""
    lab = readings.lab
    splits = {name: {p.id for p in prompts} for name, prompts in lab.material.splits.items()}
    site, other = (lab.sites(name)[3] for name in (SOURCE, TARGET))
    vector = native_vectors(lab, SOURCE, "verbosity", "difference_in_means")[site]
    assert vector.read_from
    assert vector.read_from <= splits["extraction"]
    for regime, method in ((EXPOSED, "ridge"), (TWO_CONCEPTS, "concept_deltas")):
        adapter = readings.adapter(regime, "verbosity", PAIR, site, other, method)
        read = splits["adapter"] if regime is EXPOSED else splits["extraction"]
        assert adapter.read_from
        assert adapter.read_from <= read
        carried = adapter.transport(vector, residual_norm=1.0)
        assert carried.read_from == vector.read_from | adapter.read_from
        for split in ("tuning", "test"):
            carried.require_unseen(lab.material.splits[split], f"the {split} prompts")
        with pytest.raises(PrefvecError, match="circular"):
            carried.require_unseen(lab.material.splits["extraction"], "the extraction prompts")
    assert null_vector(lab, TARGET, other).read_from <= splits["adapter"]


def test_few_rows_keep_the_exposed_share_in_whole_pairs_of_poles(readings):
    """Of 8 rows none can be exposed at 2 %; of 125 two are, one of each pole."""
    for rows, instructed in ((8, 0), (125, 2)):
        turns = readings.turns(exposed_rows(rows), "verbosity")
        assert len(turns) == rows
        assert sum(bool(prompt.instruction) for prompt, _ in turns) == instructed
        assert set(turns) <= set(readings.turns(EXPOSED, "verbosity"))


def test_a_regime_with_more_concepts_than_rows_is_refused(readings):
    """Seven concepts cannot have a fifth of the rows each."""
    greedy = replace(OTHER_CONCEPTS, name="greedy", others=0.2)
    with pytest.raises(PrefvecError, match="more rows than there are"):
        readings.turns(greedy, "verbosity")


def test_a_map_of_two_deltas_knows_its_references_and_a_shuffled_one_does_not(readings):
    """Rank two; deltas from halves of the prompts predict each other, and noise does not."""
    site, other = (readings.lab.sites(name)[3] for name in (SOURCE, TARGET))
    rows = readings.paired(TWO_CONCEPTS, "verbosity", PAIR, site, other)
    assert rows[0].ids == rows[1].ids == ("formality", "certainty")
    place = (TWO_CONCEPTS, "verbosity", PAIR, site, other, "concept_deltas")
    adapter = readings.adapter(*place)
    assert adapter.rank == 2
    assert adapter.r2_held_out > 0.3
    mixed = [each.r2_held_out for each in readings.shuffled_adapters(*place)]
    assert max(mixed) < adapter.r2_held_out
