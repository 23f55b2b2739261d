"""Added at every token: the prompt is moved from its first token on, and nothing else differs."""

import functools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import prefvec.generation.decoding as decoding
from prefvec.diagnostics.likelihood import log_likelihoods
from prefvec.generation import lanes as lanes_module
from prefvec.generation.decoding import Row, decode
from prefvec.generation.disturbance import at_disturbance, disturbance
from prefvec.generation.ending_odds import going_on_shift
from prefvec.generation.expected_length import PathWords
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.teacher_forcing import Batch
from prefvec.models.dialect import Turn
from prefvec.text.metrics import words
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.diagnostics.test_likelihood import ANSWERS, dose, of_said
from tests.diagnostics.test_likelihood import plainly as read_plainly
from tests.generation.plain_loop import (
    assert_alike,
    assert_no_order_changes_answers,
    plainly,
)
from tests.generation.test_disturbance import direction, plain_kappa
from tests.generation.test_ending_odds import plain_shift
from tests.generation.test_expected_length import ending_often
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

SAMPLING = Sampling(max_new_tokens=10)
TURNS = [(prompt, answer) for prompt in questions() for answer in ANSWERS]


def everywhere(model, coefficient: float, layer: int = 0) -> Steering:
    """Along a vector half as long as the residual stream, at every token."""
    return replace(dose(model, coefficient, layer), positions="all")


def requests_for(model, samples: int = 1) -> list[Request]:
    """Every prompt unsteered, and steered from its last token on and from its first."""
    arms = {
        "unsteered": UNSTEERED,
        "answer": dose(model, 1.0),
        "all": everywhere(model, 1.0),
        "all, less": everywhere(model, -0.5),
        "all, later": everywhere(model, 1.0, layer=1),
        "all, nothing": everywhere(model, 0.0),
    }
    return [
        Request(prompt=prompt, sample=sample, steering=steering, arm=arm)
        for prompt in questions()
        for sample in range(samples)
        for arm, steering in arms.items()
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_those_of_a_plain_loop(family):
    """Oracle: whole sequences read anew for every token, with a hook that adds at all positions."""
    model = tiny(family)
    requests = requests_for(model)
    found = generate(model, requests, SAMPLING)
    for request, completion in zip(requests, found, strict=True):
        plain = plainly(model, request, SAMPLING)
        assert (completion.text, completion.n_tokens) == (plain.text, plain.n_tokens)
    texts = {(answer.prompt, answer.arm): answer.text for answer in found}
    moved = [texts[p.id, "all"] != texts[p.id, "answer"] for p in questions()]
    assert any(moved), "what is added in the prompt changes nothing"
    for prompt in questions():
        assert texts[prompt.id, "all, nothing"] == texts[prompt.id, "unsteered"]


@pytest.mark.parametrize("family", ["mistral", "gpt2"])
def test_the_input_of_a_block_is_moved_everywhere_too(family):
    """A vector of `resid_pre` at a block, against one of `resid_post` at the block before."""
    model = tiny(family)
    after = of_model(model, 0).at_relative_norm(0.5)
    before = replace(after, space=replace(after.space, site=Site(1, "resid_pre")))
    asked = [
        Request(
            prompt=prompt,
            sample=0,
            steering=Steering(vector=vector, coefficient=1.0, positions="all"),
            arm="",
        )
        for vector in (after, before)
        for prompt in questions()
    ]
    found = generate(model, asked, SAMPLING)
    assert_alike(found[: len(questions())], found[len(questions()) :])
    shifts = [log_likelihoods(model, TURNS, asked[i].steering) for i in (0, -1)]
    assert list(shifts[0].values()) == pytest.approx(list(shifts[1].values()), rel=1e-5)


twice = functools.partial(requests_for, samples=2)


@settings(max_examples=8, deadline=None)
@given(order=st.randoms(use_true_random=False), batch_size=st.integers(1, 17))
def test_batching_and_order_change_no_answer(order, batch_size):
    """Beside other doses and positions, or alone: neither prefixes nor padding are shared."""
    assert_no_order_changes_answers(twice, SAMPLING, order, batch_size)


def test_lanes_change_no_answer(monkeypatch):
    """Two lanes give what one does."""
    model = tiny("llama")
    requests = requests_for(model)
    monkeypatch.setattr(lanes_module, "lanes", lambda model: 1)
    one = generate(model, requests, SAMPLING)
    monkeypatch.setattr(lanes_module, "lanes", lambda model: 2)
    monkeypatch.setattr(lanes_module, "FEW", 1)
    assert_alike(generate(model, requests, SAMPLING, batch_size=5), one)


def test_a_prompt_is_read_once_for_each_dose_that_moves_it():
    """And once for all that do not, however many samples there are."""
    model, read = tiny("llama"), []
    hook = model.network.base_model.register_forward_pre_hook(
        lambda module, args, kwargs: read.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    try:
        generate(model, requests_for(model, samples=3), SAMPLING)
    finally:
        hook.remove()
    assert read[0] == len(questions()) * (1 + 3)


def test_zero_added_everywhere_leaves_keys_and_values_bit_for_bit():
    """Also beside a prompt that is moved."""
    model = tiny("mistral")
    prompts = [tuple(model.encode(prompt)) for prompt in questions()[:2]]
    longest = max(map(len, prompts)) - 1
    with torch.inference_mode():
        plain = decoding.read_prefixes(model, prompts, longest)
        doses = [everywhere(model, 0.0), everywhere(model, 1.0)]
        mixed = decoding.read_prefixes(model, prompts, longest, doses)
    for one, other in zip(plain.layers, mixed.layers, strict=True):
        for kept, also in zip(one._kept, other._kept, strict=True):
            assert torch.equal(kept[0].view(torch.int32), also[0].view(torch.int32))
    assert not torch.equal(plain.layers[1]._kept[0][1], mixed.layers[1]._kept[0][1])


@pytest.mark.parametrize("family", ["mistral", "gemma"])
def test_expected_words_are_those_of_a_plain_loop(family):
    """The same path, survival the product of 1 − p, words weighed by it."""
    model = tiny(family)
    with ending_often(model):
        requests = [r for r in requests_for(model) if r.steering.positions == "all"]
        for request, found in zip(requests, generate(model, requests, SAMPLING), strict=True):
            plain = plainly(model, request, SAMPLING)
            row = Row(
                ids=tuple(model.encode(request.prompt)),
                prompt=request.prompt.id,
                sample=0,
                steering=request.steering,
            )
            (alone,) = decode(model, [row], SAMPLING)
            assert alone.path == plain.path[: len(alone.path)]
            assert alone.survival == pytest.approx(plain.survival[: len(alone.path)], abs=1e-4)
            counts = [words(model.decode(plain.path[:t])) for t in range(len(alone.path) + 1)]
            exact = np.diff(counts) @ plain.survival[: len(alone.path)]
            assert found.expected_words == pytest.approx(exact, abs=1e-3)


def test_expected_words_are_those_of_enumeration_where_there_is_one_path(monkeypatch):
    """Σ P(n tokens) × words of n tokens, by the loop that adds at all positions."""
    monkeypatch.setattr(decoding, "NEGLIGIBLE", 0.0)
    model, prompt = tiny("mistral"), questions()[0]
    steering = everywhere(model, 1.0)
    with ending_often(model, 3.0, one_path=True):
        request = Request(prompt=prompt, sample=0, steering=steering, arm="")
        plain = plainly(model, request, SAMPLING)
        row = Row(ids=tuple(model.encode(prompt)), prompt=prompt.id, sample=0, steering=steering)
        (written,) = decode(model, [row], SAMPLING)
    here = [1.0, *plain.survival]
    counts = [words(model.decode(plain.path[:n])) for n in range(len(here))]
    exact = float(np.dot([*(-np.diff(here)), here[-1]], counts))
    found = PathWords(model).expected(written.path, written.survival)
    assert found == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_given_answers_are_read_as_in_a_plain_pass(family):
    """Their likelihood; also under a dose beside another one, and from the prompt's last token."""
    model = tiny(family)
    for steering in (everywhere(model, 1.0), everywhere(model, -0.5, layer=1)):
        found = log_likelihoods(model, TURNS, steering, batch_size=7)
        for said in TURNS:
            expected = of_said(model, said, steering)
            assert found[said] == pytest.approx(expected, rel=1e-4, abs=1e-3)


def test_readings_side_by_side_are_those_of_each_alone():
    """Unsteered, from the last token of the prompt on, and from its first."""
    model = tiny("llama")
    turns = [model.encode_turn(*said, closed=True) for said in TURNS]
    steerings = [UNSTEERED, dose(model, 1.0), everywhere(model, 1.0), everywhere(model, -1.0, 1)]
    with torch.inference_mode():
        batch = Batch.of(model, turns)
        for steering, rows in zip(steerings, batch.side_by_side(steerings), strict=True):
            for alone, beside in zip(batch.logits(steering), rows, strict=True):
                torch.testing.assert_close(alone, beside, rtol=1e-4, atol=1e-4)


def test_prompts_of_one_token_have_nothing_before_it():
    """Both positions are one there."""
    model, ids = tiny("llama"), [5, 6, 7, 8]
    turns = [Turn(ids=ids[:n], answer_start=1, answer_ends=[]) for n in (4, 2)]
    with torch.inference_mode():
        batch = Batch.of(model, turns)
        last, every = (batch.logits(one) for one in (dose(model, 1.0), everywhere(model, 1.0)))
    for turn, one, other in zip(turns, last, every, strict=True):
        torch.testing.assert_close(one, other)
        expected = read_plainly(model, turn, everywhere(model, 1.0)).float()
        torch.testing.assert_close(other.log_softmax(-1), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("family", ["mistral", "gemma", "gpt2"])
def test_the_log_odds_of_going_on_are_those_of_plain_passes(family):
    """At the one sentence end of an answer; nothing shifts them by nothing."""
    model, river = tiny(family), questions()[0]
    said, steering = (river, "Water! It flows"), everywhere(model, 0.6)
    found = going_on_shift(model, [said], steering)["river"]
    expected = plain_shift(model, said, steering, 6)
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert going_on_shift(model, [said], everywhere(model, 0.0)) == {"river": 0.0}


@pytest.mark.parametrize("family", ["mistral", "gemma", "gpt2"])
def test_kappa_is_that_of_plain_passes(family):
    """With every token of the prompt moved in both directions of the pair."""
    model = tiny(family)
    vector, turns = direction(model, 1).at_relative_norm(0.3), TURNS[:3]
    [found] = disturbance(model, turns, vector, positions="all")
    assert found == pytest.approx(plain_kappa(model, vector, turns, positions="all"), rel=2e-3)
    [other] = disturbance(model, turns, vector)
    assert not math.isclose(found, other, rel_tol=0.01)


def test_doses_added_everywhere_have_the_disturbance_asked_for():
    """By a norm of their own, whatever is sought beside it."""
    model = tiny("llama")
    vector, turns = direction(model, 3), TURNS[:4]
    [alone] = at_disturbance(model, turns, [vector], [0.15], positions="all")
    kappa = plain_kappa(model, alone[0.15], turns, positions="all")
    assert kappa == pytest.approx(0.15, rel=0.02)
    beside = at_disturbance(model, turns, [direction(model, 4), vector], [0.15], positions="all")
    assert beside[1][0.15].norm == alone[0.15].norm
    [usual] = at_disturbance(model, turns, [vector], [0.15])
    assert usual[0.15].norm != alone[0.15].norm
