"""Answers of base models end with a line break, in whichever token writes it."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.generation.decoding import Row, decode
from prefvec.generation.ending_odds import going_on_shift
from prefvec.generation.noise import Sampling, closing, draw
from prefvec.generation.requests import generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel, assemble
from prefvec.vectors.steering import UNSTEERED
from tests.diagnostics.test_likelihood import dose
from tests.generation.plain_loop import plainly, requests_for
from tests.strategies import seeds
from tests.tiny import questions, tiny_network, tiny_tokenizer

SAMPLING = Sampling(max_new_tokens=24)
MERGED = [".\n", "\n\n", "pebble\n", "\nQuestion"]


def base_model(family: str, *, breaks: float = 2.5) -> LanguageModel:
    """A tiny base model with line breaks in several tokens, which it often writes."""
    tokenizer = tiny_tokenizer(family)
    tokenizer.add_tokens(MERGED)
    network = tiny_network(family, tokenizer)
    model = assemble(f"base-{family}", network, tokenizer)
    ends = list(model.end_ids)

    def change(module, args, logits):
        logits = logits.clone()
        logits[..., ends] += breaks
        return logits

    network.get_output_embeddings().register_forward_hook(change)
    return model


@pytest.mark.parametrize("family", ["gpt2", "mistral", "gemma"])
def test_no_answer_and_no_path_has_a_line_break(family):
    """Some answers end in the middle, none asks the next question, and paths go on without one."""
    model = base_model(family)
    rows = [
        Row(ids=tuple(model.encode(prompt)), prompt=prompt.id, sample=k, steering=UNSTEERED)
        for prompt in questions()
        for k in range(16)
    ]
    written = decode(model, rows, SAMPLING)
    assert any(answer.ended for answer in written)
    for answer in written:
        assert not set(answer.path) & set(model.end_ids)
        assert "\n" not in model.decode(answer.whole)
        assert (answer.closing in model.end_ids) == answer.ended


@pytest.mark.parametrize("family", ["gpt2", "mistral"])
def test_answers_keep_what_their_last_token_writes_before_the_break(family):
    """Oracle: a plain loop, and of its step the token that `closing` picks."""
    model = base_model(family)
    kept = 0
    for request, answer in zip(
        requests_for(model), generate(model, requests_for(model), SAMPLING), strict=True
    ):
        plain = plainly(model, request, SAMPLING)
        assert answer.n_tokens == plain.n_tokens
        before = plain.path[: plain.n_tokens]
        texts = {model.decode([*before, *end]) for end in [[], *([i] for i in model.end_ids)]}
        assert answer.text in texts
        kept += answer.text != plain.text
    assert kept


@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_the_token_that_ends_is_drawn_from_the_models_distribution(seed):
    """Of even noise each end token gets its share; those of probability 0 get none."""
    ends = torch.tensor([3, 7, 11, 2])
    logits = torch.randn(1, 16, generator=torch.Generator().manual_seed(seed)) * 2
    logits[0, 11] = -torch.inf
    n = 4000
    noise = torch.stack([(torch.arange(n) + 0.5) / n, torch.full((n,), 0.5)], dim=1).double()
    rows = logits.expand(n, -1)
    ending, ended, _ = draw(rows, noise, ends, 1.0)
    last = closing(rows[ended], noise[ended], ends, 1.0)
    shares = logits.softmax(dim=1)[0]
    for token in ends.tolist():
        assert float((last == token).sum()) / n == pytest.approx(float(shares[token]), abs=2 / n)
    assert float(ending[0]) == pytest.approx(float(shares[ends].sum()), rel=1e-5)
    assert set(last.tolist()) <= {3, 7, 2}


def test_greedy_answers_end_with_the_likeliest_token():
    """At temperature 0 nothing is drawn."""
    logits = torch.tensor([[0.0, 3.0, 1.0], [2.0, 0.0, 5.0]])
    noise = torch.zeros(2, 2, dtype=torch.float64)
    assert closing(logits, noise, torch.tensor([1, 2]), 0).tolist() == [1, 2]


def test_a_chat_model_ends_by_what_a_token_is_alone():
    """A line break goes on, and no token is drawn that is not needed."""
    model = base_model("llama")
    chat = assemble("chat", model.network, model.tokenizer, line_ends=False)
    row = Row(ids=tuple(model.encode(questions()[0])), prompt="q", sample=0, steering=UNSTEERED)
    (written,) = decode(chat, [row], SAMPLING)
    assert written.closing is None
    assert written.whole == written.ids
    assert chat.decode(chat.tokenizer("Grey.\nBrown")["input_ids"]).endswith("Grey.\nBrown")


def test_going_on_counts_every_line_break_as_an_end():
    """Odds of a base model are of the total probability of all tokens that hold one."""
    model = base_model("gpt2")
    only = replace(model, dialect=replace(model.dialect, end_ids=model.dialect.closers))
    turns = [(questions()[0], "It is grey. It is old.")]
    steering = dose(model, 1.0)
    assert going_on_shift(model, turns, steering) != going_on_shift(only, turns, steering)


def test_answers_that_end_otherwise_are_other_answers():
    """The same weights and words: what is kept is found only where the same tokens end answers."""
    lines = base_model("gpt2")
    token = assemble(lines.name, lines.network, lines.tokenizer, line_ends=False)
    asked = requests_for(lines)
    with CompletionStore(":memory:") as store:
        first = generate(lines, asked, SAMPLING, store=store)
        kept = len(store)
        other = generate(token, asked, SAMPLING, store=store)
        assert (store.hits, len(store)) == (0, 2 * kept)
        assert generate(lines, asked, SAMPLING, store=store) == first != other
