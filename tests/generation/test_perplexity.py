"""Perplexity is the model's own reading of a text, whoever wrote it and in whatever batch."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.generation.nearby import NEAREST
from prefvec.generation.perplexity import perplexities
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import load
from prefvec.organisms import WEIGHTS
from prefvec.organisms.world_questions import prompts_of
from prefvec.text.metrics.secondary_means import geometric_mean
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

ANSWERS = ["Water.", "A river flows to the sea, and the sea is wide.", "naïve — 🦊 猫", "a " * 60]
SAMPLING = Sampling(max_new_tokens=24)


def all_of(model, turns, **options) -> dict:
    """The perplexities of all batches."""
    return {
        turn: value
        for batch in perplexities(model, turns, **options)
        for turn, value in batch.items()
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_perplexity_is_the_exponential_of_the_models_own_loss(family):
    """Oracle: the loss that transformers itself computes, one answer at a time, no padding."""
    model = tiny(family)
    turns = [(prompt, answer) for prompt in questions() for answer in ANSWERS]
    found = all_of(model, turns)
    for prompt, answer in turns:
        turn = model.encode_turn(prompt, answer)
        ids = torch.tensor([turn.ids])
        labels = ids.clone()
        labels[:, : turn.answer_start] = -100
        with torch.inference_mode():
            loss = model.network(ids, labels=labels, use_cache=False).loss
        assert found[prompt, answer] == pytest.approx(math.exp(float(loss)), rel=1e-4)


@settings(max_examples=10, deadline=None)
@given(order=st.randoms(use_true_random=False), batch_size=st.integers(1, 17))
def test_perplexity_does_not_depend_on_the_batch(order, batch_size):
    """Any order, batches of any size, repetitions: the same up to rounding."""
    model = tiny("mistral")
    turns = [(prompt, answer) for prompt in questions() for answer in ANSWERS]
    shuffled = order.sample(turns * 2, 2 * len(turns))
    assert all_of(model, shuffled, batch_size=batch_size) == pytest.approx(
        all_of(model, turns), rel=1e-4
    )


@pytest.mark.parametrize("tokens", [1, 300, 2**20])
def test_batches_are_bounded_by_their_tokens(tokens, monkeypatch):
    """A batch takes no more, padding included, or is a single answer; the values stay."""
    model = tiny("mistral")
    turns = [(prompt, answer) for prompt in questions() for answer in ANSWERS]
    alone = all_of(model, turns, batch_size=1)
    monkeypatch.setattr("prefvec.generation.perplexity.TOKENS", tokens)
    shapes: list[torch.Size] = []
    hook = model.network.register_forward_pre_hook(
        lambda _, args, inputs: shapes.append(inputs["input_ids"].shape), with_kwargs=True
    )
    try:
        assert all_of(model, turns) == pytest.approx(alone, rel=1e-4)
    finally:
        hook.remove()
    assert sum(rows for rows, _ in shapes) == len(turns)
    assert all(rows == 1 or rows * width <= tokens for rows, width in shapes)
    assert {1: len(shapes) == len(turns), 300: 1 < len(shapes) < len(turns)}.get(
        tokens, len(shapes) == 1
    )


def test_long_answers_are_read_in_pieces(monkeypatch):
    """More tokens than are turned into float32 at once."""
    monkeypatch.setitem(NEAREST, "cpu", 2**14)
    model, prompt, answer = tiny("llama"), questions()[0], "abc " * 120
    turn = model.encode_turn(prompt, answer)
    assert len(turn.ids) - turn.answer_start > 256
    with torch.inference_mode():
        logits = model.network(torch.tensor([turn.ids])).logits[0, turn.answer_start - 1 : -1]
    said = torch.tensor(turn.ids[turn.answer_start :])
    nats = -logits.double().log_softmax(-1).gather(1, said[:, None]).mean()
    assert all_of(model, [(prompt, answer)]) == {
        (prompt, answer): pytest.approx(math.exp(nats), rel=1e-4)
    }


def test_empty_answers_have_no_perplexity():
    """There is nothing to be surprised by; no answers at all are no error."""
    model, prompt = tiny("mistral"), questions()[0]
    assert list(all_of(model, [(prompt, ""), (prompt, "Water.")])) == [(prompt, "Water.")]
    assert all_of(model, []) == {}


def requests_for(model, coefficient: float, prompts, samples: int = 4) -> list[Request]:
    """Every prompt, unsteered or along a vector as long as the residual stream itself."""
    steering = UNSTEERED
    if coefficient:
        vector = of_model(model, 1).at_relative_norm(1.0)
        steering = Steering(vector=vector, coefficient=coefficient)
    return [
        Request(prompt=prompt, sample=sample, steering=steering, arm="")
        for prompt in prompts
        for sample in range(samples)
    ]


def test_a_large_random_steering_surprises_the_unsteered_model():
    """A trained organism's own answers have a much lower perplexity, in the geometric mean."""
    model = load(str(WEIGHTS / "mini-mistral"), device="cpu")
    means = []
    for coefficient in (0.0, 1.0):
        asked = requests_for(model, coefficient, prompts_of("test", 8))
        answers = generate(model, asked, SAMPLING, perplexity=True)
        assert [a.perplexity is None for a in answers] == [a.text == "" for a in answers]
        mean = geometric_mean([a.perplexity for a in answers])
        assert mean is not None
        means.append(mean)
    assert 1 < 1.5 * means[0] < means[1]


def test_perplexity_is_kept_with_the_answer(tmp_path):
    """Answers stored without one get theirs once; it changes nothing else about them."""
    model, requests = tiny("mistral"), requests_for(tiny("mistral"), 1.0, questions())
    passes: list[int] = []
    hook = model.network.register_forward_pre_hook(lambda *_: passes.append(1))
    try:
        with CompletionStore(tmp_path / "answers.sqlite") as store:
            plain = generate(model, requests, SAMPLING, store=store)
            assert {a.perplexity for a in plain} == {None}
            read = generate(model, requests, SAMPLING, store=store, perplexity=True)
            assert [replace(a, perplexity=None) for a in read] == plain
        passes.clear()
        with CompletionStore(tmp_path / "answers.sqlite") as store:
            assert generate(model, requests, SAMPLING, store=store, perplexity=True) == read
            assert generate(model, requests, SAMPLING, store=store) == read
        assert not passes
    finally:
        hook.remove()
