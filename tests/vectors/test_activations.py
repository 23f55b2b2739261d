"""Activations are those each token has alone, whatever it is batched with."""

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.text.metrics import sentence_ends
from prefvec.vectors.activations import (
    at_answer_positions,
    at_last_prompt_token,
    concatenate,
    over_answers,
    shared_ends,
)
from prefvec.vectors.residual import Site
from tests.strategies import activations_of, normal, space
from tests.tiny import FAMILIES, questions, tiny

SITES = [Site(0, "resid_pre"), Site(1, "resid_post")]
ANSWER = "A river is water. It flows to the sea! Why?"
TURNS = [(prompt, ANSWER[: 10 + 9 * i]) for i, prompt in enumerate(questions())]


def hidden_states(model, ids: list[int]) -> tuple[torch.Tensor, ...]:
    """Oracle: transformers' own record of one unpadded sequence, without our hooks."""
    with torch.inference_mode():
        output = model.network(torch.tensor([ids]), output_hidden_states=True, use_cache=False)
    return output.hidden_states


@pytest.mark.parametrize("family", FAMILIES)
def test_the_last_prompt_token_is_read_as_it_is_alone(family):
    """Left padding and batching change no activation; resid_pre of block 0 is the embedding."""
    model = tiny(family)
    prompts = questions()
    read = at_last_prompt_token(model, prompts, SITES)
    for row, prompt in enumerate(prompts):
        states = hidden_states(model, model.encode(prompt))
        torch.testing.assert_close(read[SITES[0]].values[row], states[0][0, -1])
    one = at_last_prompt_token(model, prompts, SITES, batch_size=1)
    for site in SITES:
        torch.testing.assert_close(one[site].values, read[site].values, rtol=1e-5, atol=1e-5)


def test_resid_post_is_what_the_next_block_receives():
    """The site after block 1 of three is transformers' hidden state number 2."""
    model = tiny("llama")
    prompts = questions()
    values = at_last_prompt_token(model, prompts, [Site(1, "resid_post")])[
        Site(1, "resid_post")
    ].values
    expected = torch.stack([hidden_states(model, model.encode(p))[2][0, -1] for p in prompts])
    torch.testing.assert_close(values, expected, rtol=1e-5, atol=1e-5)


def test_an_answer_is_the_mean_over_its_tokens():
    """One row a turn, the mean of the answer's tokens alone, with the mean of their norms."""
    model, site = tiny("mistral"), Site(0, "resid_post")
    read = over_answers(model, TURNS, [site])[site]
    rows = []
    for prompt, answer in TURNS:
        turn = model.encode_turn(prompt, answer)
        rows.append(hidden_states(model, turn.ids)[1][0, turn.answer_start :])
    expected = torch.stack([tokens.mean(dim=0) for tokens in rows])
    torch.testing.assert_close(read.values, expected, rtol=1e-5, atol=1e-5)
    assert read.mean_norm == pytest.approx(float(torch.cat(rows).norm(dim=1).mean()), rel=1e-5)
    assert read.ids == tuple(prompt.id for prompt, _ in TURNS)


def test_character_positions_are_read_at_the_token_that_ends_there():
    """Position 0 is the last prompt token; the others are where a token ends."""
    model, site = tiny("gemma"), Site(2, "resid_pre")
    prompt = questions()[0]
    turn = model.encode_turn(prompt, ANSWER)
    ends = [0, turn.answer_ends[2], len(ANSWER)]
    read = at_answer_positions(model, [(prompt, ANSWER)], [ends], [site])[site]
    states = hidden_states(model, turn.ids)[2][0]
    expected = states[[turn.answer_start - 1, turn.answer_start + 2, len(turn.ids) - 1]]
    torch.testing.assert_close(read.values, expected, rtol=1e-5, atol=1e-5)
    assert read.ids == (prompt.id,) * 3


def test_a_position_inside_a_token_is_refused():
    """Nothing is read beside the position asked for."""
    model, prompt = tiny("llama"), questions()[0]
    ends = model.encode_turn(prompt, ANSWER).answer_ends
    inside = next(i for i in range(1, len(ANSWER)) if i not in ends)
    with pytest.raises(PrefvecError, match=f"after {inside} characters"):
        at_answer_positions(model, [(prompt, ANSWER)], [[inside]], [SITES[0]])


def test_an_empty_answer_is_refused():
    """A mean over no tokens does not become a number."""
    with pytest.raises(PrefvecError, match="has no tokens"):
        over_answers(tiny("llama"), [(questions()[0], "")], SITES)


def test_shared_ends_are_ends_in_both_tokenizers():
    """Every position comes from both, and the sentence ends among them can be asked for."""
    prompt = questions()[0]
    a, b = (tiny(family).encode_turn(prompt, ANSWER) for family in ("mistral", "llama"))
    shared = shared_ends(a, b)
    assert set(shared) == (set(a.answer_ends) & set(b.answer_ends)) - {0}
    assert set(shared_ends(a, b, among=sentence_ends(ANSWER))) <= set(sentence_ends(ANSWER))
    assert len(ANSWER) in shared


def test_parts_of_one_space_can_be_put_together():
    """Rows keep their order and their prompts; mean norms are weighted by rows."""
    whole = activations_of(normal(0, 10, 4), space())
    parts = [whole.select(range(3)), whole.select(range(3, 10))]
    again = concatenate(parts)
    assert torch.equal(again.values, whole.values)
    assert again.ids == whole.ids
    with pytest.raises(PrefvecError, match="different models or sites"):
        concatenate([whole, activations_of(normal(0, 10, 4), space("other"))])


def test_values_that_are_not_finite_are_refused():
    """An overflow in a narrow dtype is named, not averaged."""
    with pytest.raises(PrefvecError, match="wider dtype"):
        activations_of(torch.tensor([[1.0, float("inf")]]), space())
