"""Expected words have the mean of counted ones, without the cap's cut and with less noise."""

import math
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import prefvec.generation.decoding as decoding
from prefvec.generation.decoding import NEGLIGIBLE, Row, decode
from prefvec.generation.expected_length import PathWords
from prefvec.generation.noise import Sampling
from prefvec.generation.requests import Request, generate
from prefvec.text.metrics import words
from prefvec.vectors.steering import UNSTEERED
from tests.generation.plain_loop import plainly, requests_for
from tests.strategies import seeds
from tests.tiny import FAMILIES, questions, tiny

SAMPLING = Sampling(max_new_tokens=12)


@contextmanager
def ending_often(model, by: float = 5.0, *, one_path: bool = False):
    """The model ends answers more often; with `one_path` only the likeliest other token remains."""
    end = list(model.end_ids)

    def change(module, args, logits):
        logits = logits.clone()
        if one_path:
            others = logits.clone()
            others[..., end] = -math.inf
            likeliest = others.argmax(dim=-1, keepdim=True)
            kept = torch.zeros_like(logits, dtype=torch.bool).scatter_(-1, likeliest, True)
            kept[..., end] = True
            logits[~kept] = -math.inf
        logits[..., end] += by
        return logits

    hook = model.network.get_output_embeddings().register_forward_hook(change)
    try:
        yield
    finally:
        hook.remove()


def rows_for(model, samples: int) -> list[Row]:
    """Many answers to one prompt."""
    prompt = questions()[0]
    ids = tuple(model.encode(prompt))
    return [Row(ids=ids, prompt=prompt.id, sample=k, steering=UNSTEERED) for k in range(samples)]


@pytest.mark.parametrize("family", ["mistral", "gemma", "gpt2"])
def test_an_answer_is_its_path_cut_where_the_noise_says_so(family):
    """Against a plain loop: the same answer and path, survival the product of 1 − p."""
    model, ends = tiny(family), set()
    with ending_often(model):
        requests = requests_for(model)
        for request, found in zip(requests, generate(model, requests, SAMPLING), strict=True):
            plain = plainly(model, request, SAMPLING)
            assert (found.text, found.n_tokens) == (plain.text, plain.n_tokens)
            row = Row(
                ids=tuple(model.encode(request.prompt)),
                prompt=request.prompt.id,
                sample=request.sample,
                steering=request.steering,
            )
            (alone,) = decode(model, [row], SAMPLING)
            assert alone.ids == plain.path[: plain.n_tokens]
            assert alone.path == plain.path[: len(alone.path)]
            assert alone.survival == pytest.approx(plain.survival[: len(alone.path)], abs=1e-4)
            assert len(alone.path) == sum(s >= NEGLIGIBLE for s in plain.survival)
            assert all(later <= s <= 1 for s, later in pairwise(alone.survival))
            counts = [words(model.decode(plain.path[:t])) for t in range(len(alone.path) + 1)]
            assert found.expected_words == pytest.approx(
                np.diff(counts) @ plain.survival[: len(alone.path)], abs=1e-3
            )
            ends.add(alone.ended)
    assert ends == {True, False}


def test_expected_words_are_those_of_enumeration_where_there_is_one_path(monkeypatch):
    """Every answer has the same, Σ P(n tokens) × words of n tokens; counts vary around it."""
    monkeypatch.setattr(decoding, "NEGLIGIBLE", 0.0)
    model = tiny("mistral")
    with ending_often(model, 3.0, one_path=True):
        request = Request(prompt=questions()[0], sample=0, steering=UNSTEERED, arm="")
        plain = plainly(model, request, SAMPLING)
        written = decode(model, rows_for(model, 1500), SAMPLING)
    here = [1.0, *plain.survival]
    chances = [*(-np.diff(here)), here[-1]]
    counts = [words(model.decode(plain.path[:n])) for n in range(len(here))]
    exact = float(np.dot(chances, counts))
    count = PathWords(model)
    expected = [count.expected(answer.path, answer.survival) for answer in written]
    assert expected == pytest.approx([exact] * len(written), abs=1e-4)
    counted = np.array([words(model.decode(answer.ids)) for answer in written])
    assert counted.std() > 0
    assert abs(counted.mean() - exact) < 4 * counted.std() / math.sqrt(len(counted))


def test_expected_and_counted_words_have_one_mean_and_expected_ones_vary_less():
    """Over many draws of one prompt, within four standard errors; some answers meet the cap."""
    model = tiny("llama")
    with ending_often(model, 4.0):
        written = decode(model, rows_for(model, 2000), SAMPLING)
    assert 0.02 < np.mean([not answer.ended for answer in written]) < 0.9
    count = PathWords(model)
    expected = np.array([count.expected(answer.path, answer.survival) for answer in written])
    counted = np.array([words(model.decode(answer.ids)) for answer in written])
    difference = expected - counted
    assert abs(difference.mean()) < 4 * difference.std() / math.sqrt(len(written))
    assert expected.std() < 0.8 * counted.std()


def test_a_row_leaves_early_and_changes_no_other():
    """The same path and survival alone as in a batch, and fewer steps than all to the cap."""
    model, steps = tiny("mistral"), []
    sampling = Sampling(max_new_tokens=40)
    rows = rows_for(model, 24)
    with ending_often(model):
        hook = model.network.register_forward_pre_hook(
            lambda module, args, kwargs: steps.append(len(kwargs["input_ids"])), with_kwargs=True
        )
        together = decode(model, rows, sampling)
        hook.remove()
        for row, mine in zip(rows, together, strict=True):
            (alone,) = decode(model, [row], sampling)
            assert (alone.ids, alone.path) == (mine.ids, mine.path)
            assert alone.survival == pytest.approx(mine.survival, abs=1e-5)
    assert steps[-1] < len(rows)
    assert sum(steps) < 0.8 * len(rows) * sampling.max_new_tokens
    assert all(answer.survival.min() >= NEGLIGIBLE for answer in together)


@pytest.mark.parametrize("family", ["mistral", "gemma"])
def test_at_temperature_zero_expected_words_are_those_of_the_text(family):
    """Where an answer ends is no longer left to chance."""
    model = tiny(family)
    sampling = Sampling(max_new_tokens=12, temperature=0.0)
    answers = generate(model, requests_for(model, samples=1), sampling)
    with ending_often(model, 6.0):
        answers += generate(model, requests_for(model, samples=1), sampling)
    assert {answer.finish_reason for answer in answers} == {"stop", "length"}
    for answer in answers:
        assert answer.expected_words == words(answer.text)


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=25, deadline=None)
@given(seed=seeds, length=st.integers(0, 40))
def test_words_begun_add_up_to_the_words_of_every_beginning(family, seed, length):
    """Any tokens, special ones and parts of characters included; where none is left broken."""
    model = tiny(family)
    allowed = [i for i in range(len(model.tokenizer)) if i not in model.end_ids]
    path = np.random.default_rng(seed).choice(allowed, length).tolist()
    assert_adds_up(model, path)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "text",
    [
        "  A leading space, a well-known pebble – of 3.5 grams.",
        "naïve 漢字かな, 水 and 🙂🙂 water\u3000river\u00a0sea",
        "🙂",
        "",
        "- \n\n- one\n- two\t…",
    ],
)
def test_words_begun_add_up_in_texts_of_many_characters(family, text):
    """Characters of several bytes, spaces that tokenizers drop, lines and lists."""
    model = tiny(family)
    assert_adds_up(model, model.tokenizer(text, add_special_tokens=False)["input_ids"])


def assert_adds_up(model, path: list[int]) -> None:
    """Where no character is broken at the end, words begun so far are the words so far."""
    begun = PathWords(model).begun(path)
    assert len(begun) == len(path)
    for length in range(len(path) + 1):
        text = model.decode(path[:length])
        if not text.endswith("\ufffd"):
            assert begun[:length].sum() == words(text)


def test_a_text_is_seldom_decoded_anew_for_every_token(monkeypatch):
    """Also where characters take several tokens."""
    model = tiny("llama")
    count = PathWords(model)
    monkeypatch.setattr(count, "_by_prefixes", pytest.fail)
    path = model.tokenizer("naïve 漢字 🙂 water", add_special_tokens=False)["input_ids"]
    assert count.begun(path).sum() == len(["naïve", "漢", "字", "water"])
