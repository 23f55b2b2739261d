"""Trainings whose outcome is known beforehand."""

from dataclasses import replace

import pytest
import torch

import prefvec as pv
from prefvec.tuning import Placement, lorra, lorra_on, rahf_towards
from prefvec.vectors.residual import Site, Space, add_by_hand
from prefvec.vectors.vector import PreferenceVector, unit
from tests.tuned import FAST, asked, examples, held, model, said, trait

SITE = Site(1, "resid_post")


def logits(of):
    """At the last token of each question."""
    with torch.no_grad():
        return torch.stack(
            [of.network(torch.tensor([of.encode(p)])).logits[0, -1] for p in asked()]
        )


def moved(tuned):
    """How far a tuned model has moved along h₊ − h₋, as a share of it, on the answers it read."""
    batch = examples()
    plain = held(model(), batch, None, SITE)
    pattern = held(model(), batch, "positive", SITE) - held(model(), batch, "negative", SITE)
    shift = held(tuned.merged(model()), batch, None, SITE) - plain
    mean = pattern.mean(dim=0)
    return float(shift.mean(dim=0) @ mean / (mean @ mean))


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_coefficient_0_is_no_training(tmp_path, precision):
    """The loss is exactly 0 from step 0 on, and the logits are those of the base, bit for bit."""
    recipe = replace(FAST, steps=3, precision=precision)
    tuned = lorra(model(), trait(), said(), tmp_path, coefficient=0.0, recipe=recipe)
    assert tuned.losses == (0.0, 0.0, 0.0)
    assert torch.equal(logits(pv.load(str(tmp_path), device="cpu")), logits(model()))


def test_swapped_poles_flip_the_sign_of_the_odd_part(tmp_path):
    """Tuned towards either pole the model moves either way; with poles swapped the other way."""
    swapped = [each.swapped() for each in examples()]
    found = {
        (name, sign): moved(
            lorra_on(
                model(),
                "verbosity",
                batch,
                tmp_path / f"{name} {sign}",
                coefficient=5.0 * sign,
                recipe=FAST,
            )
        )
        for name, batch in (("as is", examples()), ("swapped", swapped))
        for sign in (1, -1)
    }
    odd = {name: (found[name, 1] - found[name, -1]) / 2 for name in ("as is", "swapped")}
    assert odd["swapped"] == -odd["as is"]
    assert found["as is", 1] > 0.1
    assert found["as is", -1] < -0.1


def test_shuffled_pairs_do_nothing(tmp_path):
    """Where each answer is read with its poles either way round, there is nothing to tune in."""
    both = [*examples(), *(each.swapped() for each in examples())]
    recipe = replace(FAST, batch_size=len(both))
    tuned = moved(lorra_on(model(), "none", both, tmp_path / "shuffled", recipe=recipe))
    real = moved(lorra_on(model(), "verbosity", examples() * 2, tmp_path / "real", recipe=recipe))
    assert real > 0.1
    assert abs(tuned) < 0.1 * real


@pytest.fixture
def vector():
    """A direction that nothing was read from, at a tenth of the residual norm."""
    rows = held(model(), examples(), None, SITE)
    norm = float(rows.norm(dim=-1).mean())
    generator = torch.Generator().manual_seed(3)
    return PreferenceVector(
        direction=unit(torch.randn(model().d_model, generator=generator)),
        norm=0.1 * norm,
        residual_norm=norm,
        space=Space.of(model(), SITE),
        trait="verbosity",
        estimator="random",
        positions="none",
        n_pairs=1,
        prompt_set="",
        read_from=frozenset({"elsewhere"}),
        stability=None,
    )


def test_a_constant_vector_approaches_additive_steering(tmp_path, vector):
    """What the tuned model holds, and what it then says, comes near to what adding v does."""
    placement = Placement(sites=(SITE,), dropout=0.0)
    tuned = {
        steps: rahf_towards(
            model(),
            vector,
            trait(),
            said(),
            tmp_path / str(steps),
            placement=placement,
            recipe=replace(FAST, steps=steps),
        )
        for steps in (5, 50)
    }
    assert tuned[5].losses[0] == pytest.approx(vector.norm, rel=1e-3)
    last = Site(model().n_layers - 1, "resid_post")
    plain = held(model(), examples(), None, last)
    with add_by_hand(model(), SITE, vector.norm * vector.direction):
        steered = held(model(), examples(), None, last) - plain
    shifts = {
        n: held(each.merged(model()), examples(), None, last) - plain for n, each in tuned.items()
    }
    away = {n: float((shift - steered).norm() / steered.norm()) for n, shift in shifts.items()}
    assert away[50] < min(away[5], 0.9)
    along = torch.cosine_similarity(steered.mean(dim=0), shifts[50].mean(dim=0), dim=0)
    assert float(along) > 0.85
    ids = {prompt.id for prompt in asked()}
    assert set(tuned[50].read_from) == ids | {"elsewhere"}


def test_a_vector_of_another_model_or_site_is_no_target(tmp_path, vector):
    """It is carried here first."""
    foreign = replace(vector, space=replace(vector.space, model="another"))
    with pytest.raises(pv.PrefvecError, match="does not belong"):
        rahf_towards(model(), foreign, trait(), said(), tmp_path)
    elsewhere = Placement(sites=(Site(0, "resid_post"),))
    with pytest.raises(pv.PrefvecError, match="match its own site"):
        rahf_towards(model(), vector, trait(), said(), tmp_path, placement=elsewhere)
