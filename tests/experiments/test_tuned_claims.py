"""Claims of what is tuned in: what they measure and compare, in a laboratory without a network."""

import json
from dataclasses import dataclass, replace

import pandas as pd
import pytest
import torch

import prefvec.experiments.measuring.tuning as measuring
import prefvec.experiments.tuned_arms as tuned_arms
import prefvec.experiments.tuned_models as tuned_models
import prefvec.experiments.tunings as tunings
from prefvec.experiments.claims import AdaptedTransfer, CarriedTuning, TunedFamily, Tuning
from prefvec.experiments.measuring import measure
from prefvec.experiments.native_arms import asking
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import claim_record, shown
from prefvec.experiments.regimes import exposed
from prefvec.tuning.tuned import Tuned
from prefvec.vectors.residual import Space
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector, unit
from prefvec.verdicts.criteria import Exceeds, Works
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.worded_criteria import TunedSteers, TunedWorks
from prefvec.verdicts.wording import conclude
from tests.fake_laboratory import (
    JUDGED,
    SCALE,
    SOURCE,
    TARGET,
    FakeModel,
    laboratory,
    over_answers,
)

pytestmark = pytest.mark.integration

SITE = JUDGED[0]
ALONE = Pair.alone(TARGET)
CHILD = "fake/target+lorra"
STATED = {"title": "x", "method": "LoRRA", "question": "tuned in"}
MOVES = Tuning(id="moves", criterion=TunedSteers(), **STATED)
HALF = Tuning(id="half", criterion=TunedWorks(), **STATED)
ASKING = Tuning(id="asking", criterion=Exceeds(margin=0.1), **STATED)


class FakeTuned(FakeModel):
    """A fake model that is always steered by a share of what was tuned into it."""

    def __init__(self, base, vector, scale):
        super().__init__(base.name, base.world, base.log)
        same = scale == 0
        object.__setattr__(self, "fingerprint", base.fingerprint if same else f"tuned {scale}")
        object.__setattr__(self, "by", Steering(vector=vector, coefficient=scale))

    def answer(self, request):
        """As the model steered by it."""
        return super().answer(replace(request, steering=self.by))

    def holds(self, prompt, text, layer):
        """The residual with what is added."""
        rows, delta = super().holds(prompt, text, layer), self.by.delta()
        return rows if delta is None or layer < self.by.vector.site.layer else rows + delta.numpy()


@dataclass(frozen=True, kw_only=True)
class FakeAdapter(Tuned):
    """An adapter that adds a vector."""

    vector: PreferenceVector

    def merged(self, model, *, scale=1.0):
        """The model with a share of it."""
        return FakeTuned(model, self.vector, scale)


def adapter(lab, name, trait, sign, method="LoRRA"):
    """Adds the hidden direction of a trait to a model, at twice the judged dose."""
    model = lab.models[name]
    axis = torch.tensor(model.axes(SITE.layer)[:, 0 if trait == "verbosity" else 1])
    vector = PreferenceVector(
        direction=sign * unit(axis),
        norm=2 * SCALE * JUDGED[1] ** 0.5,
        residual_norm=1.0,
        space=Space.of(model, SITE),
        trait=trait,
        estimator="fake",
        positions="fake",
        n_pairs=1,
        prompt_set="",
        read_from=frozenset(),
        stability=None,
    )
    return FakeAdapter(
        folder=None,
        training="",
        method=method,
        trait=trait,
        coefficient=5.0 * sign,
        model=model.fingerprint,
        read_from=tuple(prompt.id for prompt in lab.material.splits["extraction"]),
        losses=(1.0, 0.5),
        vector=vector,
    )


class Apart:
    """κ of fake models: as of a vector, (norm / scale)²."""

    def __init__(self, model, turns, *, most=None):
        assert {prompt.id.split("-")[0] for prompt, _ in turns} == {"tuning"}

    def divergence(self, *others):
        """The mean over the models."""
        norms = [float(other.by.delta().norm()) / SCALE for other in others]
        return sum(norm**2 for norm in norms) / len(norms)


WAYS = {"positive": 1.0, "negative": -1.0}


def both_ways(lab, name, trait, method):
    """A trait's hidden direction, either way."""
    found = {pole: adapter(lab, name, trait, sign, method) for pole, sign in WAYS.items()}
    return tunings.BothWays(**found)


def to_vector(lab, name, trait, vector):
    """A given vector, either way."""
    found = both_ways(lab, name, trait, "RAHF towards a vector")
    return tunings.BothWays(
        **{pole: replace(found.at(sign), vector=sign * vector) for pole, sign in WAYS.items()}
    )


def read_again(model, turns):
    """Every answer as likely as any other."""
    yield dict.fromkeys(turns, 10.0)


def going_on(more, less, turns):
    """As much as the words move."""
    return {p.id: more.effect(p, more.by)[0] for p, _ in turns}


@pytest.fixture(scope="module")
def lab():
    """One laboratory whose models can be tuned; the target has a child that is its twin."""
    faked = {
        "tuned_both_ways": both_ways,
        "tuned_to_vector": to_vector,
        "Untuned": Apart,
        "over_answers": over_answers,
        "perplexities": read_again,
        "going_on_shift_between": going_on,
    }
    with laboratory() as lab, pytest.MonkeyPatch.context() as patch:
        for name, fake in faked.items():
            for module in (tuned_arms, tuned_models, measuring):
                if hasattr(module, name):
                    patch.setattr(module, name, fake)
        patch.setattr(measuring, "tuned_child", lambda arms, model, method: CHILD)
        made = FakeModel(TARGET, lab.models[TARGET].world, lab.log)
        for name in ("name", "fingerprint"):
            object.__setattr__(made, name, CHILD)
        lab.models._both[CHILD] = made
        yield lab


def outcome(measured):
    """The word of the verdict."""
    return conclude(measured.assessment, measured.assessment.pvalue).outcome.word


def test_a_tuned_model_is_measured_at_the_disturbance_of_the_judged_cell(lab):
    """Half of its update here; the whole of it is shown, and not judged."""
    measured = measure(MOVES, ALONE, lab)
    assert outcome(measured) == "SUPPORTED"
    arm, whole = measured.arms
    assert (arm.vector.site, arm.kappa) == JUDGED
    assert arm.doses.coefficients == (-1.0, -0.5, 0.5, 1.0)
    assert arm.doses.going_on is not None
    assert arm.vector.norm == pytest.approx(SCALE * JUDGED[1] ** 0.5, rel=0.01)
    assert whole.vector.norm == pytest.approx(2 * SCALE * JUDGED[1] ** 0.5)
    assert whole.doses.mean_odd > arm.doses.mean_odd
    assert len(measured.controls.random) == 19


def test_it_is_held_to_half_of_the_own_vector_and_above_another_concept(lab):
    """What adds the hidden direction does as much as the vector that was read."""
    measured = measure(HALF, ALONE, lab)
    assert outcome(measured) == "SUPPORTED"
    arm, own, _ = measured.arms
    assert own.doses.arm == "native"
    assert arm.doses.mean_odd == pytest.approx(own.doses.mean_odd, rel=0.1)
    (unrelated,) = measured.controls.unrelated
    assert unrelated.label == "formality, tuned in the same way"
    assert abs(unrelated.mean_odd) < 0.2 * arm.doses.mean_odd
    assert "copied" not in HALF.criterion.sentence
    assert measured.assessment.label_of(Outcome.SUPPORTED) is None, "nothing is transferred"


def test_the_contrast_with_asking_is_prompt_by_prompt(lab):
    """The odd part of the tuned models less that of prompted answers."""
    measured = measure(ASKING, ALONE, lab)
    asked = asking(tuned_arms.Arms.of(lab, "verbosity", 1), TARGET)
    (above,) = measured.assessment.support
    wanted = measured.arms[0].doses.odd - asked.odd
    assert above.values == pytest.approx(wanted.to_numpy())
    assert pd.Index(wanted.index).is_unique
    assert ASKING.references == ("asking",)


def test_a_carried_vector_is_tuned_in_beside_another_concept(lab):
    """By the map that carries both."""
    claim = CarriedTuning(
        id="carried", title="x", regime=exposed(0.04), criterion=TunedWorks(), question="c"
    )
    measured = measure(claim, Pair(source=SOURCE, target=TARGET), lab)
    assert measured.complete
    assert [arm.doses.arm for arm in measured.arms] == ["tuned", "native", "adapted"]
    arm, _, carried = measured.arms
    assert float(arm.vector.direction @ carried.vector.direction) > 0.95
    assert measured.controls.unrelated[0].label == "formality, through the same adapter, tuned in"


@pytest.mark.parametrize("into", ["child", "parent"])
def test_within_a_tuned_family_the_copied_vector_is_judged_in_the_other(lab, into):
    """As between any two models; the verdict is about the parent."""
    claim = TunedFamily(
        id="family-{source}", title="x", criterion=Works(mapped=False), into=into, question="f"
    )
    measured = measure(claim, ALONE, lab)
    assert measured.complete
    assert outcome(measured) == "SUPPORTED"
    assert measured.assessment.claim == claim.name(ALONE)
    assert measured.arms[0].model == {"child": CHILD, "parent": TARGET}[into]
    assert measured.arms[0].vector.site == SITE


def test_a_record_tells_of_all_of_it(lab):
    """Arms, controls, answers and the sentence, as of any claim."""
    claim = replace(HALF, id="{method}-in-{source}", title="{method} moves {source}: {positive}.")
    measured = measure(HALF, ALONE, lab)
    told = shown(claim, ALONE, lab, measured)
    record = claim_record(
        lab,
        claim,
        ALONE,
        told,
        conclude(measured.assessment, measured.assessment.pvalue),
        families=[],
        nodeid="",
    )
    json.dumps(record)
    assert record["title"] == "LoRRA moves fake/target: verbose."
    assert claim.name(ALONE) == "lorra-in-target"
    assert [arm["name"] for arm in record["arms"]] == ["tuned", "native", "tuned-whole"]
    assert record["arms"][0]["vector"]["estimator"] == "mean shift by LoRRA"
    assert record["compared_with"] == ["native"]
    assert record["controlled_by"] == ["random directions", "unrelated concept"]


@pytest.mark.parametrize("copied", [True, False])
def test_a_record_names_the_copied_vector_where_there_was_one(lab, copied):
    """Between models of unequal widths nothing can be copied, and nothing was compared with it."""
    claim = AdaptedTransfer(
        id="x", title="x", question="x", criterion=Works(), regime=exposed(0.02)
    )
    measured = measure(HALF, ALONE, lab)
    named = ["adapted", "native", *(["raw"] if copied else [])]
    record = claim_record(
        lab,
        claim,
        Pair(source=SOURCE, target=TARGET),
        shown(HALF, ALONE, lab, measured) | {"arms": [{"name": name} for name in named]},
        conclude(measured.assessment, measured.assessment.pvalue),
        families=[],
        nodeid="",
    )
    assert record["compared_with"] == ["native", *(["raw"] if copied else []), "target-only"]
