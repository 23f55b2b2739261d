"""What the unembedding reads of a vector: all of it, nothing of it, and known shares between."""

import copy
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.diagnostics.accessibility import (
    Accessibility,
    accessibility,
    going_on_rates,
    rates,
    spreads,
)
from prefvec.diagnostics.logit_lens import LogitLens
from prefvec.errors import PrefvecError
from prefvec.generation.ending_odds import going_on_odds
from prefvec.models.language_model import assemble
from prefvec.vectors.activations import Activations, at_last_prompt_token
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import unit
from tests.diagnostics.test_logit_lens import CAPPED, known
from tests.strategies import coefficients, normal, seeds
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

SITE = Site(0, "resid_post")


def rows_of(model) -> Activations:
    """What the first block returns at the last tokens of four prompts."""
    return at_last_prompt_token(model, questions(), [SITE])[SITE]


def along(model, direction):
    """A vector of the first block, along a given direction."""
    return replace(of_model(model), direction=unit(direction))


def read(model, direction, **options) -> Accessibility:
    """The accessibility of a direction at the first block."""
    return accessibility(model, along(model, direction), rows_of(model), **options)


def without_head(model, columns: int):
    """The same model, whose unembedding reads nothing of its first coordinates."""
    network = copy.deepcopy(model.network)
    network.lm_head.weight[:, :columns] = 0
    return assemble("partly deaf", network, model.tokenizer)


@pytest.mark.parametrize("family", [*FAMILIES, CAPPED])
def test_rates_are_those_of_small_steps(family):
    """Oracle: central differences through the lens itself, final norm, caps and all."""
    model = known(family)
    lens, at = LogitLens.of(model), rows_of(model).values.mean(dim=0)
    added = 0.1 * at.norm() * torch.stack([unit(normal(k, 32)) for k in range(3)])
    logits, found = rates(lens, at, added)
    step = 1e-2
    with torch.inference_mode():
        plain = lens.logits(at[None, None])[0, 0]
        ahead, behind = (lens.logits((at + sign * step * added)[:, None])[:, 0] for sign in (1, -1))
    torch.testing.assert_close(logits, plain)
    expected = (ahead - behind) / (2 * step)
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=1e-2 * float(expected.abs().max()))


@pytest.mark.parametrize("family", ["llama", "gpt2", CAPPED])
def test_rates_survive_half_precision(family):
    """Nothing cancels: in bfloat16 they are off by its rounding alone."""
    model = known(family)
    half = replace(model, network=copy.deepcopy(model.network).bfloat16())
    at = rows_of(model).values.mean(dim=0)
    added = at.norm() * torch.stack([unit(normal(k, 32)) for k in range(3)])
    exact, rough = (spreads(rates(LogitLens.of(each), at, added)[1]) for each in (model, half))
    torch.testing.assert_close(rough, exact, rtol=0.05, atol=0.0)


@settings(max_examples=10, deadline=None)
@given(coefficient=coefficients)
def test_the_length_of_a_vector_makes_no_difference(coefficient):
    """Its sign does to the odds of going on alone."""
    model = tiny("mistral")
    vector, rows = of_model(model), rows_of(model)
    one, other = (accessibility(model, each, rows) for each in (vector, coefficient * vector))
    sign = 1 if coefficient > 0 else -1
    assert (other.spread, other.relative) == pytest.approx((one.spread, one.relative), rel=1e-4)
    expected = sign * one.going_on, sign * one.relative_going_on
    assert (other.going_on, other.relative_going_on) == pytest.approx(expected, rel=1e-4)


def test_what_the_final_norm_takes_away_is_not_read():
    """Of RMSNorm the residual's own direction, of LayerNorm what all coordinates share."""
    llama, gpt2 = tiny("llama"), tiny("gpt2")
    assert read(llama, rows_of(llama).values.mean(dim=0)).relative < 1e-3
    assert read(gpt2, torch.ones(32)).relative < 1e-3


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_what_the_unembedding_does_not_read_is_not_accessible(seed):
    """A direction in the null space of the head, at right angles to the residual."""
    model = without_head(tiny("llama"), 4)
    at = rows_of(model).values.mean(dim=0)[:4]
    inside = normal(seed, 4)
    inside = inside - at * (inside @ at) / (at @ at)
    found = read(model, torch.cat([inside, torch.zeros(28)]))
    assert found.relative < 1e-4
    assert abs(found.relative_going_on) < 1e-3


def test_the_direction_that_is_read_most_has_the_largest_singular_value():
    """Oracle: the singular vectors of the whole derivative, centred over the vocabulary."""
    model = tiny("qwen2")
    vector, at = of_model(model), rows_of(model).values.mean(dim=0)
    _, every = rates(LogitLens.of(model), at, torch.eye(32))
    _, sizes, directions = torch.linalg.svd((every - every.mean(dim=1, keepdim=True)).T)
    most, least = read(model, directions[0]), read(model, directions[-1])
    per_norm = vector.residual_norm / every.shape[1] ** 0.5
    assert most.spread == pytest.approx(per_norm * float(sizes[0]), rel=1e-3)
    assert least.spread < 1e-3 * most.spread  # the residual's own direction
    others = [read(model, normal(k, 32)).spread for k in range(20)]
    assert most.spread > max(others)


def test_the_top_of_the_unembedding_is_read_more_than_random_directions_are():
    """The first right singular vector of the head, in a model whose norm scales alike."""
    model = tiny("llama")
    head = model.network.lm_head.weight
    top = torch.linalg.svd(head - head.mean(dim=0))[2][0]
    found = [read(model, top, seed=seed).relative for seed in (0, 100)]
    assert min(found) > 1.2
    usual = [read(model, normal(k, 32)).relative for k in range(20)]
    assert 0.8 < sum(usual) / len(usual) < 1.2
    assert min(found) > max(usual)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_odds_of_going_on_change_as_small_steps_say(seed):
    """Oracle: central differences of the log-odds as steering is judged by, in float64."""
    logits, changes, ends = normal(seed, 30).double(), normal(seed + 1, 3, 30).double(), (4, 7)
    step = 1e-4
    ahead, behind = (going_on_odds_of(logits + sign * step * changes, ends) for sign in (1.0, -1.0))
    found = going_on_rates(logits.float(), changes.float(), ends)
    torch.testing.assert_close(found, (ahead - behind) / (2 * step), rtol=1e-3, atol=1e-4)


def going_on_odds_of(logits, ends):
    """Oracle: ln((1 − P(end)) / P(end)) of each row."""
    end = logits.softmax(dim=1)[:, list(ends)].sum(dim=1)
    return ((1 - end) / end).log()


def test_odds_are_those_of_the_co_primary():
    """The quantity whose change is taken is the one that real models are judged by."""
    logits, ends = normal(3, 2, 30), (4, 7)
    torch.testing.assert_close(going_on_odds(logits, ends), going_on_odds_of(logits.double(), ends))


def test_ending_is_put_off_by_what_lowers_the_logits_that_end():
    """Against the rows of the head that end answers, the odds of going on rise."""
    model = tiny("llama")
    head = model.network.lm_head.weight
    away = head.mean(dim=0) - head[list(model.end_ids)].mean(dim=0)
    assert read(model, away).relative_going_on > 1
    assert read(model, -away).relative_going_on < -1


def test_what_moves_all_logits_alike_is_no_spread():
    """It changes no probability."""
    changes = normal(0, 2, 50)
    torch.testing.assert_close(spreads(changes + 100), spreads(changes), rtol=1e-3, atol=0.0)
    assert float(spreads(torch.ones(1, 50))[0]) == 0


def test_what_cannot_be_compared_is_refused_in_a_sentence():
    """A vector of another model, rows of another block, no random direction, a deaf head."""
    model = tiny("llama")
    vector, rows = of_model(model), rows_of(model)
    with pytest.raises(PrefvecError, match="does not belong to"):
        accessibility(tiny("mistral"), vector, rows)
    with pytest.raises(PrefvecError, match="Give rows of the vector's space"):
        accessibility(model, of_model(model, 1), rows)
    with pytest.raises(PrefvecError, match="at least 1"):
        accessibility(model, vector, rows, directions=0)
    deaf = without_head(model, 32)
    with pytest.raises(PrefvecError, match="reads nothing of random directions"):
        read(deaf, normal(0, 32))
