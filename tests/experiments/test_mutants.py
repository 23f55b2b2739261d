"""Breaks that once passed every test: each, patched into the suite, must break the law named.

That the laws hold where nothing is patched, `test_fake_laboratory` shows. The last three are the
sabotages of `test_sabotage`, here without organisms.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

import prefvec.experiments.arms
import prefvec.experiments.cells
import prefvec.experiments.chance
import prefvec.experiments.control_arms
import prefvec.experiments.native_arms
import prefvec.experiments.own_vectors
import prefvec.experiments.search
from prefvec.adapters import shuffled
from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arms
from prefvec.experiments.readings import Readings
from prefvec.text.coherence import CoherenceLimits
from prefvec.vectors.steering import UNSTEERED
from prefvec.vectors.vector import PreferenceVector
from tests.fake_laboratory import FakeModel, laboratory
from tests.laboratory_laws import (
    law_of_coherence,
    law_of_controls,
    law_of_norms,
    law_of_splits,
    law_of_the_cell,
    law_of_verdicts,
)

pytestmark = pytest.mark.integration

experiments = prefvec.experiments


def _in_place_of(split):
    """Run a function about a lab with the test prompts standing in one of its splits."""

    def broken(honest, lab, *args, **kwargs):
        splits = lab.material.splits
        kept, splits[split] = splits[split], splits["test"]
        try:
            return honest(lab, *args, **kwargs)
        finally:
            splits[split] = kept

    return broken


def _longer(honest, lab, name):
    return {site: 1.25 * norm for site, norm in honest(lab, name).items()}


def _same_seed(honest, like, *, seed):
    return honest(like, seed=1)


def _quarter(honest, arms, model, vectors):
    return {name: 0.25 * vector for name, vector in honest(arms, model, vectors).items()}


def _quarter_coefficients(honest, lab, name, arms, prompts, *, coefficients, **others):
    fewer = [0.25 * coefficient for coefficient in coefficients]
    return honest(lab, name, arms, prompts, coefficients=fewer, **others)


def _anything(honest, *args):
    return True


def _everything(honest, lab, model):
    return lambda answer: True


def _half_native(honest, arms, model, name, label, vector, under=None):
    arm = honest(arms, model, name, label, vector, under=under)
    if name != "native":
        return arm
    weak = replace(arm.vector, norm=arm.vector.norm / 2)
    return replace(arms.arm(model, name, label, weak, (-1.0, -0.5, 0.5, 1.0)), kappa=arm.kappa)


def _native_of_another_site(honest, arms, model, name, label, vector, under=None):
    if name != "native":
        return honest(arms, model, name, label, vector, under=under)
    other = experiments.native_arms.own_vectors(arms, model)[arms.lab.sites(model)[2]]
    dosed = arms.at_kappa(model, other)
    arm = arms.arm(model, name, label, dosed, (-1.0, -0.5, 0.5, 1.0))
    return replace(arm, kappa=arms.cell(model).chosen.kappa)


def _all_sites(honest, lab, name):
    return lab.sites(name)


def _unread(honest, vector, prompts, what):
    return None


def _largest(honest, row):
    return row.odd


def _never_fires(honest, model, request):
    answer = honest(model, replace(request, steering=UNSTEERED))
    return replace(answer, coefficient=request.steering.coefficient)


def _flipped(honest, model, request):
    steering = replace(request.steering, coefficient=-request.steering.coefficient)
    answer = honest(model, replace(request, steering=steering))
    return replace(answer, coefficient=request.steering.coefficient)


def _mixed(honest, readings, *places):
    return shuffled(*honest(readings, *places), seed=11)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One break of the suite.

    Attributes:
        breaks: the law that must fail.
        at: what is patched, as (owner, attribute) pairs.
        by: called instead, with what stood there as its first argument.
        says: what the failure must speak of.
    """

    breaks: Callable[..., None]
    at: tuple[tuple[object, str], ...]
    by: Callable[..., object]
    says: str


MUTANTS = {
    "extraction from test prompts": Mutant(
        breaks=law_of_splits,
        at=((experiments.own_vectors, "_asked"),),
        by=_in_place_of("extraction"),
        says="test prompts are asked by {'contrast'}",
    ),
    "cell chosen on test prompts": Mutant(
        breaks=law_of_splits,
        at=((experiments.chance, "tuned"), (experiments.search, "tuned")),
        by=_in_place_of("tuning"),
        says="test prompts are asked by {'search'}",
    ),
    "cell chosen on test prompts, by its choice": Mutant(
        breaks=law_of_the_cell,
        at=((experiments.chance, "tuned"), (experiments.search, "tuned")),
        by=_in_place_of("tuning"),
        says="depends on answers to test prompts",
    ),
    "residual norms off by a quarter": Mutant(
        breaks=law_of_norms,
        at=((experiments.own_vectors, "residual_norms"),),
        by=_longer,
        says="residual norm is not the mean",
    ),
    "identical random directions": Mutant(
        breaks=law_of_controls,
        at=((experiments.control_arms, "signed_permutation"),),
        by=_same_seed,
        says="19 control vectors .* are 1 directions",
    ),
    "controls at a quarter of the dose": Mutant(
        breaks=law_of_controls,
        at=((experiments.control_arms, "_at_kappa"),),
        by=_quarter,
        says="random-0 is written at another dose",
    ),
    "controls at a quarter of the coefficient": Mutant(
        breaks=law_of_controls,
        at=((experiments.control_arms, "steered_together"),),
        by=_quarter_coefficients,
        says="was not asked of every prompt at ±1",
    ),
    "every text within the limits": Mutant(
        breaks=law_of_coherence,
        at=((CoherenceLimits, "accept"),),
        by=_anything,
        says="a loop passes for text",
    ),
    "everything coherent": Mutant(
        breaks=law_of_coherence,
        at=((experiments.arms, "coherent"), (experiments.search, "coherent")),
        by=_everything,
        says="loss at .* is not the law's",
    ),
    "everything coherent on test prompts": Mutant(
        breaks=law_of_coherence,
        at=((experiments.arms, "coherent"),),
        by=_everything,
        says="a claim whose answers break is SUPPORTED",
    ),
    "native at another dose": Mutant(
        breaks=law_of_the_cell,
        at=((Arms, "judged"),),
        by=_half_native,
        says="native is written at another dose",
    ),
    "native at another site": Mutant(
        breaks=law_of_the_cell,
        at=((Arms, "judged"),),
        by=_native_of_another_site,
        says="native is written at another site",
    ),
    "the last block is eligible": Mutant(
        breaks=law_of_the_cell,
        at=((experiments.cells, "steerable"),),
        by=_all_sites,
        says="the last block was tried",
    ),
    "the largest effect chosen": Mutant(
        breaks=law_of_the_cell,
        at=((experiments.chance, "ratio"),),
        by=_largest,
        says="not the one furthest beyond chance",
    ),
    "vectors measured on what they have read": Mutant(
        breaks=law_of_splits,
        at=((PreferenceVector, "require_unseen"),),
        by=_unread,
        says="measured on the test prompt that it was read from",
    ),
    "a hook that never fires": Mutant(
        breaks=law_of_verdicts,
        at=((FakeModel, "answer"),),
        by=_never_fires,
        says="steers is INVALID",
    ),
    "a flipped sign": Mutant(
        breaks=law_of_verdicts,
        at=((FakeModel, "answer"),),
        by=_flipped,
        says="steers is REFUTED",
    ),
    "an adapter fitted to shuffled rows": Mutant(
        breaks=law_of_verdicts,
        at=((Readings, "paired"),),
        by=_mixed,
        says="adapted is INVALID",
    ),
}


def _patched(patch, mutant):
    """Put a mutant in place; returns the calls that reached it, as they come."""
    reached = []
    for owner, name in mutant.at:
        honest = getattr(owner, name)

        @functools.wraps(honest)
        def broken(*args, honest=honest, name=name, **kwargs):
            reached.append(name)
            return mutant.by(honest, *args, **kwargs)

        patch.setattr(owner, name, broken)
    return reached


@pytest.mark.parametrize("name", MUTANTS)
def test_the_mutant_is_caught(name, monkeypatch):
    """Its law fails, says what is wrong, and the patch was reached."""
    mutant = MUTANTS[name]
    with laboratory() as lab:
        reached = _patched(monkeypatch, mutant)
        with pytest.raises((AssertionError, PrefvecError)) as caught:
            mutant.breaks(lab)
    assert re.search(mutant.says, str(caught.value)), str(caught.value)
    assert reached, "the patch was never reached"
