"""Models read their own answers in the tokens they wrote, from the store as well."""

import math

import pytest
import torch

from prefvec.generation.disturbance import disturbance
from prefvec.generation.ending_odds import going_on_shift
from prefvec.generation.perplexity import perplexities
from prefvec.generation.requests import generate
from prefvec.generation.store import CompletionStore
from prefvec.text.verbatim import Verbatim
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site
from tests.diagnostics.test_likelihood import dose
from tests.generation.plain_loop import requests_for
from tests.generation.test_line_ends import SAMPLING, base_model
from tests.models.test_verbatim import as_encoded, as_written, in_pieces
from tests.tiny import questions, tiny

SITE = Site(layer=1, point="resid_post")
TEXT = "It is grey. It is old."


@pytest.mark.parametrize("family", ["mistral", "llama", "gpt2"])
def test_an_answer_keeps_the_tokens_that_its_text_is_of(family):
    """Generated or looked up; some are not those of the text encoded again."""
    model = tiny(family)
    asked = requests_for(model)
    with CompletionStore(":memory:") as store:
        written = generate(model, asked, SAMPLING, store=store, perplexity=True)
        assert generate(model, asked, SAMPLING, store=store, perplexity=True) == written
    others = 0
    for request, answer in zip(asked, written, strict=True):
        own = answer.as_written_by(model.fingerprint)
        assert own == Verbatim(text=answer.text, ids=answer.ids, model=model.fingerprint)
        assert model.decode(answer.ids) == answer.text
        assert len(answer.ids) == answer.n_tokens
        assert not set(answer.ids) & set(model.end_ids)
        if answer.text:
            (batch,) = perplexities(model, [(request.prompt, own)])
            assert answer.perplexity == pytest.approx(batch[request.prompt, own], rel=1e-4)
            others += as_encoded(model, request.prompt, answer.text) != own
    assert others


@pytest.mark.parametrize("family", ["gpt2", "mistral"])
def test_a_token_that_ends_and_writes_belongs_to_the_answer(family):
    """A full stop with a new line does; a new line alone does not."""
    model = base_model(family)
    written = generate(model, requests_for(model), SAMPLING)
    ending = [bool(set(answer.ids) & set(model.end_ids)) for answer in written]
    assert any(ending)
    assert not all(ending)
    for answer, ends in zip(written, ending, strict=True):
        assert model.decode(answer.ids) == answer.text
        assert len(answer.ids) == answer.n_tokens + ends
        assert not set(answer.ids[:-1]) & set(model.end_ids)


def test_the_perplexity_of_an_answer_is_that_of_the_tokens_written():
    """Oracle: one forward pass over prompt and tokens that the tokenizer would merge."""
    model, prompt = tiny("gpt2"), questions()[0]
    written = as_written(model, in_pieces(model, f" {TEXT}", range(24)))
    (batch,) = perplexities(model, [(prompt, written)])
    start, ids = len(model.encode(prompt)), [*model.encode(prompt), *written.ids]
    with torch.no_grad():
        log_p = model.network(torch.tensor([ids])).logits[0].log_softmax(dim=-1)
    nats = [-float(log_p[i - 1, ids[i]]) for i in range(start, len(ids))]
    assert batch[prompt, written] == pytest.approx(math.exp(sum(nats) / len(nats)), rel=1e-4)


def test_readings_are_bit_equal_where_the_tokens_are_those_of_the_text():
    """Activations, odds of ending, disturbance and perplexity; all are others where not."""
    model, prompt, steering = tiny("llama"), questions()[0], dose(tiny("llama"), 1.0)

    def readings(reply):
        said = [(prompt, reply)]
        return (
            over_answers(model, said, [SITE])[SITE].values.tolist(),
            over_answers(model, said, [SITE], among="sentence ends")[SITE].values.tolist(),
            going_on_shift(model, said, steering),
            disturbance(model, said, steering.vector),
            [value for batch in perplexities(model, said) for value in batch.values()],
        )

    plain = readings(TEXT)
    assert readings(as_encoded(model, prompt, TEXT)) == plain
    apart = as_written(model, in_pieces(model, TEXT, range(len(TEXT))))
    assert apart.text == TEXT
    assert all(one != other for one, other in zip(readings(apart), plain, strict=True))


def test_going_on_is_read_before_a_token_that_ends_and_writes():
    """After it nothing is read. Oracle: the answer without its last mark, where none else ends."""
    model, prompt = base_model("gpt2"), questions()[0]
    steering = dose(model, 1.0)
    before = in_pieces(model, " It is grey", set())
    stop = model.tokenizer.convert_tokens_to_ids(".\n")
    ended, cut = as_written(model, [*before, stop]), as_written(model, before)
    assert (ended.text, cut.text) == ("It is grey.", "It is grey")
    shifts = [going_on_shift(model, [(prompt, each)], steering) for each in (ended, cut)]
    assert shifts[0] == pytest.approx(shifts[1], rel=1e-5)
