"""Two models held against each other: κ between them, and the odds of going on."""

import pytest
import torch

import prefvec as pv
from prefvec.generation.divergence_between import Untuned
from prefvec.generation.ending_odds import going_on_shift_between
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.vectors.steering import UNSTEERED
from tests.tiny import questions, tiny

TURNS = [(prompt, "It is water. It flows.") for prompt in questions()]


def test_a_model_is_no_distance_from_itself():
    """Nor do its odds of going on differ."""
    model = tiny("llama")
    assert Untuned(model, TURNS).divergence(model) == 0.0
    assert set(going_on_shift_between(model, model, TURNS).values()) == {0.0}


def test_kappa_is_the_symmetrised_divergence_over_all_positions():
    """By hand from the logits of whole turns (the oracle: torch's log-softmax)."""
    one, other = tiny("llama"), tiny("llama", seed=1)
    sums, count = 0.0, 0
    for prompt, answer in TURNS:
        turn = one.encode_turn(prompt, answer, closed=True)
        with torch.no_grad():
            p, q = (
                of.network(torch.tensor([turn.ids])).logits[0, turn.answer_start - 1 : -1]
                for of in (one, other)
            )
        p, q = p.double().log_softmax(-1), q.double().log_softmax(-1)
        sums += float(((p.exp() - q.exp()) * (p - q)).sum()) / 2
        count += len(p)
    assert Untuned(one, TURNS).divergence(other) == pytest.approx(sums / count, rel=1e-4)
    twice = Untuned(one, TURNS).divergence(other, one)
    assert twice == pytest.approx(sums / count / 2, rel=1e-4)


def test_the_shift_changes_its_sign_with_the_models():
    """As an odd part does."""
    one, other = tiny("llama"), tiny("llama", seed=1)
    there = going_on_shift_between(one, other, TURNS)
    back = going_on_shift_between(other, one, TURNS)
    assert there == {prompt: -shift for prompt, shift in back.items()}
    assert any(there.values())


def test_an_answer_is_read_in_the_tokens_that_the_untuned_model_wrote():
    """Both have one tokenizer, whatever their weights."""
    one, other = tiny("llama"), tiny("llama", seed=1)
    requests = [
        Request(prompt=p, sample=0, steering=UNSTEERED, arm="unsteered") for p in questions()
    ]
    answers = generate(one, requests, Sampling(max_new_tokens=12, temperature=1.0, seed=0))
    turns = [
        (r.prompt, a.as_written_by(one.fingerprint))
        for r, a in zip(requests, answers, strict=True)
        if a.text
    ]
    assert turns
    assert Untuned(one, turns, most=4).divergence(other) > 0
    assert len(going_on_shift_between(other, one, turns)) == len(turns)


def test_nothing_to_read_is_said():
    """No answers, no distance."""
    with pytest.raises(pv.PrefvecError, match="no answers to read"):
        Untuned(tiny("llama"), [])
    with pytest.raises(pv.PrefvecError, match="no answers to read"):
        going_on_shift_between(tiny("llama"), tiny("llama"), [])
