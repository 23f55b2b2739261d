"""Given answers are read as they would have been written, and steering moves their odds."""

import math
from contextlib import ExitStack
from dataclasses import replace
from statistics import fmean, stdev

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student_t

from prefvec.diagnostics.likelihood import (
    contrast_shift,
    leverage,
    log_likelihoods,
    next_token_shift,
)
from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import traits_of
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.teacher_forcing import Batch
from prefvec.models.dialect import Turn
from prefvec.models.language_model import load
from prefvec.organisms import WEIGHTS
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.organisms.world_questions import prompts_of
from prefvec.text.prompts import prompt_set_hash
from prefvec.vectors.activations import over_answers
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import random_direction, unit
from tests.strategies import coefficients
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

LONG, SHORT = "A river flows to the sea, and the sea is wide.", "Water."
ANSWERS = [LONG, SHORT, "naïve — 🦊 猫", ""]
TURNS = [(prompt, answer) for prompt in questions() for answer in ANSWERS]
POLES = [[(prompt, answer) for prompt in questions()] for answer in (LONG, SHORT)]


def dose(model, coefficient: float, layer: int = 0) -> Steering:
    """Along a vector half as long as the residual stream."""
    vector = of_model(model, layer).at_relative_norm(0.5)
    return Steering(vector=vector, coefficient=coefficient)


def plainly(model, turn: Turn, steering: Steering) -> torch.Tensor:
    """Oracle: log-probabilities from one row, no cache, no padding, in one pass.

    Steering is added at every position from the last prompt token on, or at all, by a hook of its
    own.
    """
    start = 0 if steering.positions == "all" else turn.answer_start - 1

    def steer(module, args, output):
        moved = output.clone()
        moved[:, start:] += steering.delta()
        return moved

    with torch.inference_mode(), ExitStack() as hooks:
        if steering.delta() is not None:
            block = model.blocks[steering.vector.site.layer]
            hooks.callback(block.register_forward_hook(steer).remove)
        logits = model.network(torch.tensor([turn.ids]), use_cache=False).logits[0]
    return logits[turn.answer_start - 1 : -1].double().log_softmax(dim=-1)


def of_said(model, said, steering: Steering) -> float:
    """Oracle: the log-likelihood of one answer and its end."""
    turn = model.encode_turn(*said, closed=True)
    answer = torch.tensor(turn.ids[turn.answer_start :])
    return float(plainly(model, turn, steering).gather(1, answer[:, None]).sum())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("coefficient", [0.0, 1.0, -1.0])
def test_answers_have_the_likelihood_of_a_plain_pass(family, coefficient):
    """Padding, cache and shared prompts change nothing; the prompt is not steered."""
    model = tiny(family)
    steering = dose(model, coefficient)
    found = log_likelihoods(model, TURNS, steering)
    per_token = log_likelihoods(model, TURNS, steering, per="token")
    for said in TURNS:
        expected = of_said(model, said, steering)
        assert found[said] == pytest.approx(expected, rel=1e-4, abs=1e-3)
        turn = model.encode_turn(*said, closed=True)
        count = len(turn.ids) - turn.answer_start
        assert per_token[said] == pytest.approx(found[said] / count)


def test_prompts_of_one_token_are_read():
    """There is nothing before their last token."""
    model, ids = tiny("llama"), [5, 6, 7, 8]
    turns = [Turn(ids=ids[:n], answer_start=1, answer_ends=[]) for n in (4, 2)]
    steering = dose(model, 1.0)
    with torch.inference_mode():
        found = Batch.of(model, turns).logits(steering)
    for logits, turn in zip(found, turns, strict=True):
        expected = plainly(model, turn, steering).float()
        torch.testing.assert_close(logits.log_softmax(-1), expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=10, deadline=None)
@given(order=st.randoms(use_true_random=False), batch_size=st.integers(1, 17))
def test_readings_do_not_depend_on_the_batch(order, batch_size):
    """Any order, batches of any size, repetitions."""
    model = tiny("mistral")
    shuffled = order.sample(TURNS * 2, 2 * len(TURNS))
    for read in (log_likelihoods, next_token_shift):
        found = read(model, shuffled, dose(model, 1.0), batch_size=batch_size)
        assert found == pytest.approx(read(model, TURNS, dose(model, 1.0)), rel=1e-3, abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(coefficient=coefficients)
def test_a_shift_is_the_odd_part_of_the_log_odds(coefficient):
    """Oracle: four plain passes a prompt; without the instructions of the prompts."""
    model = tiny("mistral")
    steering, against = dose(model, coefficient), dose(model, -coefficient)
    found = contrast_shift(model, *POLES, steering)
    for shift, prompt in zip(found, questions(), strict=True):
        odds = [
            of_said(model, (prompt.instructed(""), LONG), one)
            - of_said(model, (prompt.instructed(""), SHORT), one)
            for one in (steering, against)
        ]
        assert shift == pytest.approx((odds[0] - odds[1]) / 2, rel=1e-3, abs=1e-2)


@settings(max_examples=8, deadline=None)
@given(coefficient=coefficients)
def test_a_shift_is_odd_in_the_dose_and_in_the_poles(coefficient):
    """Bit for bit in the dose; exchanged poles or the vector's negative turn the sign."""
    model = tiny("llama")
    shift = contrast_shift(model, *POLES, dose(model, coefficient))
    turned = [-value for value in shift]
    assert contrast_shift(model, *POLES, dose(model, -coefficient)) == turned
    exchanged = contrast_shift(model, POLES[1], POLES[0], dose(model, coefficient))
    assert exchanged == pytest.approx(turned, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dose_shifts_nothing_at_all(family):
    """Exactly 0, for every prompt; and the same poles have nothing between them."""
    model = tiny(family)
    for nothing in (UNSTEERED, dose(model, 0.0)):
        assert set(contrast_shift(model, *POLES, nothing)) == {0.0}
        assert next_token_shift(model, TURNS, nothing) == 0
    same = contrast_shift(model, POLES[0], POLES[0], dose(model, 1.0))
    assert set(same) == {0.0}
    some = dose(model, 1.0)
    assert next_token_shift(model, TURNS, some, some) == 0


def test_several_answers_of_a_prompt_are_averaged():
    """And a repeated answer counts each time."""
    model, prompt = tiny("mistral"), questions()[0]
    [one], [two], [other] = (
        contrast_shift(model, [(prompt, text) for text in texts], [(prompt, "")], dose(model, 1.0))
        for texts in ([LONG], [SHORT], [LONG, SHORT, SHORT])
    )
    assert other == pytest.approx((one + 2 * two) / 3, rel=1e-4, abs=1e-4)


def test_next_token_shift_is_half_of_jeffreys_divergence():
    """Oracle: torch's kl_div between the distributions of plain passes, both ways."""
    model = tiny("gemma")
    steering = dose(model, 1.0)
    found = next_token_shift(model, TURNS, steering)
    shifts: list[float] = []
    for prompt in questions():
        for answer in ANSWERS:
            turn = model.encode_turn(prompt, answer, closed=True)
            p, q = (plainly(model, turn, one) for one in (steering, UNSTEERED))
            both = [
                torch.nn.functional.kl_div(a, b, log_target=True, reduction="batchmean")
                for a, b in ((p, q), (q, p))
            ]
            shifts.append(float(sum(both)) / 2)
    assert found == pytest.approx(fmean(shifts), rel=1e-3)


def test_leverage_is_the_shift_over_that_of_random_directions():
    """Oracle: the parts, one by one, at the same norm and dose."""
    model = tiny("mistral")
    steering = dose(model, 1.0)
    random = [
        replace(steering, vector=random_direction(steering.vector, seed=seed)) for seed in (5, 6, 7)
    ]
    own, *others = (next_token_shift(model, TURNS, one) for one in (steering, *random))
    found = leverage(model, TURNS, steering, directions=3, seed=5)
    assert found == pytest.approx(own / fmean(others), rel=1e-5)
    assert leverage(model, TURNS, random[0], directions=1, seed=5) == 1
    with pytest.raises(PrefvecError, match="adds nothing"):
        leverage(model, TURNS, dose(model, 0.0))


def test_a_direction_that_the_model_reads_has_more_leverage_than_one_it_ignores():
    """The directions in which the unembedding separates tokens most, and least."""
    model = tiny("llama")
    base = of_model(model, model.n_layers - 1).at_relative_norm(0.3)
    weight = model.network.get_output_embeddings().weight.detach()
    axes = torch.linalg.svd(weight - weight.mean(dim=0), full_matrices=False).Vh
    read, ignored = (
        leverage(model, TURNS, Steering(vector=replace(base, direction=unit(a)), coefficient=1.0))
        for a in (axes[0], axes[-1])
    )
    assert ignored < 1 < read


@pytest.fixture(scope="module")
def organism():
    """A trained model, what it writes at either pole, and its own vector of verbosity."""
    model, site = load(str(WEIGHTS / "mini-llama"), device="cpu"), Site(6, "resid_post")

    def written(split: str) -> list[list]:
        prompts = prompts_of(split, 12)
        poles = []
        trait = traits_of(SMALL_WORLD)["verbosity"]
        for pole in (trait.positive, trait.negative):
            asked = [prompt.instructed(pole.extraction[0]) for prompt in prompts]
            requests = [Request(prompt=p, sample=0, steering=UNSTEERED, arm="") for p in asked]
            found = generate(model, requests, Sampling(max_new_tokens=120))
            poles.append([(p, c.text) for p, c in zip(asked, found, strict=True)])
        return poles

    read = [
        over_answers(model, pole, [site], among="sentence ends")[site]
        for pole in written("extraction")
    ]
    about = {"trait": "verbosity", "prompt_set": prompt_set_hash(prompts_of("extraction", 12))}
    return model, written("test"), difference_in_means(*read, **about).at_relative_norm(0.2)


@pytest.mark.parametrize("per", ["answer", "token"])
def test_an_organisms_own_vector_favours_the_answers_of_its_pole(organism, per):
    """Answers to other questions than it was extracted from, more than random directions do.

    More than is to be expected of the next of 8 at the level 0.95, as controls are judged.
    """
    model, poles, vector = organism
    own, *random = (
        fmean(contrast_shift(model, *poles, Steering(vector=v, coefficient=1.0), per=per))
        for v in (vector, *(random_direction(vector, seed=seed) for seed in range(8)))
    )
    chance = fmean(random) + student_t.ppf(0.95, 7) * stdev(random) * math.sqrt(1 + 1 / 8)
    assert own > max(chance, *map(abs, random))


def test_poles_of_other_prompts_are_no_contrast():
    """Nor are no answers at all; a vector of another model is refused."""
    model = tiny("mistral")
    with pytest.raises(PrefvecError, match="answers to 4 and 3 prompts"):
        contrast_shift(model, POLES[0], POLES[1][1:], dose(model, 1.0))
    with pytest.raises(PrefvecError, match="answers to 0 and 0 prompts"):
        contrast_shift(model, [], [], dose(model, 1.0))
    with pytest.raises(PrefvecError, match="does not belong"):
        log_likelihoods(model, TURNS, dose(tiny("llama"), 1.0))
    assert log_likelihoods(model, []) == {}
    with pytest.raises(PrefvecError, match="no answers to read"):
        next_token_shift(model, [], dose(model, 1.0))
