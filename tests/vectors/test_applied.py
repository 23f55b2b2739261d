"""A vector applied by hand steers everything inside its block, and nothing outside."""

from dataclasses import replace
from typing import Any

import jaxtyping
import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.generation.noise import Sampling
from prefvec.generation.requests import Request, generate
from prefvec.generation.store import CompletionStore
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.residual import POINTS, Site, Space, add_by_hand, read, steered_by_hand
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from tests.strategies import normal, vector_in
from tests.tiny import FAMILIES, questions, tiny

IDS = torch.tensor([[5, 9, 3, 7], [8, 2, 6, 4]])


def forward(model) -> torch.Tensor:
    """Logits of two fixed sequences."""
    with torch.inference_mode():
        return model.network(input_ids=IDS, use_cache=False).logits


def vector_of(model, layer: int = 0, point: str = "resid_post", seed: int = 0) -> PreferenceVector:
    """Some vector of a model."""
    return vector_in(Space.of(model, Site(layer, point)), normal(seed, model.d_model))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_position_of_every_row_moves_by_the_dose(family, point):
    """The same step that a steering of this dose adds, bit for bit."""
    model = tiny(family)
    vector = vector_of(model, 1, point)
    with read(model, [vector.site]) as before:
        forward(model)
    with read(model, [vector.site]) as after, vector.applied(model, coefficient=-1.5):
        forward(model)
    delta = Steering(vector=vector, coefficient=-1.5).delta()
    assert torch.equal(after[vector.site], before[vector.site] + delta)


def test_blocks_nest_and_add_up():
    """One at +1 inside another at +1 of the same vector is one at +2, within rounding."""
    model = tiny("llama")
    vector = vector_of(model)
    with vector.applied(model), vector.applied(model):
        nested = forward(model)
    with vector.applied(model, coefficient=2.0):
        double = forward(model)
    torch.testing.assert_close(nested, double)
    assert not torch.allclose(nested, forward(model))


def test_a_dose_of_zero_changes_no_bit():
    """Coefficient 0 is the identity."""
    model = tiny("gemma")
    before = forward(model)
    with vector_of(model).applied(model, coefficient=0.0):
        assert torch.equal(forward(model), before)


def test_the_hook_is_gone_after_an_error():
    """An exception inside the block leaves the model as it was, and is the one that is seen."""
    model = tiny("mistral")
    before = forward(model)
    with pytest.raises(PrefvecError, match="hook fired"), vector_of(model).applied(model):
        raise PrefvecError("hook fired" if steered_by_hand(model) else "not steered")
    assert not steered_by_hand(model)
    assert torch.equal(forward(model), before)


def test_a_vector_of_another_model_is_refused():
    """Coordinates of one model mean nothing in another of the same width."""
    vector = vector_of(tiny("llama"))
    with pytest.raises(PrefvecError, match="does not belong"), vector.applied(tiny("mistral")):
        pass


def test_a_block_in_which_nothing_ran_is_an_error():
    """What ran elsewhere was not steered, so the block does not end in silence."""
    model = tiny("llama")
    with pytest.raises(PrefvecError, match="no forward pass"), vector_of(model).applied(model):
        pass


def test_a_dose_or_a_width_that_cannot_be_added_is_refused():
    """Neither infinity nor a delta of another width is applied."""
    model = tiny("llama")
    with (
        pytest.raises(PrefvecError, match="finite"),
        vector_of(model).applied(model, coefficient=float("inf")),
    ):
        pass
    with (
        pytest.raises(PrefvecError, match="32 wide"),
        add_by_hand(model, Site(0, "resid_post"), torch.ones(7)),
    ):
        pass


def test_no_answer_steered_by_hand_is_stored_as_unsteered():
    """Inside the block a store is refused; without one, answers are steered like all else."""
    model, sampling = tiny("llama"), Sampling(max_new_tokens=8)
    asked = [
        Request(prompt=prompt, sample=0, steering=UNSTEERED, arm="plain") for prompt in questions()
    ]
    plain = generate(model, asked, sampling)
    with CompletionStore(":memory:") as store, vector_of(model).applied(model, coefficient=9.0):
        with pytest.raises(PrefvecError, match="would keep steered answers"):
            generate(model, asked, sampling, store=store)
        assert generate(model, asked, sampling) != plain
        assert len(store) == 0
    assert generate(model, asked, sampling) == plain


def test_the_middle_vector_is_the_one_applied_of_all():
    """Of vectors at every block, that of block n_layers // 2."""
    model = tiny("llama")
    vectors = [vector_of(model, layer, seed=layer) for layer in range(model.n_layers)]
    every = PreferenceVectors(by_site={vector.site: vector for vector in vectors})
    assert every.middle is vectors[model.n_layers // 2]
    assert every.at(Site(0, "resid_post")) is every.at(0) is vectors[0]
    with every.applied(model):
        ours = forward(model)
    with every.middle.applied(model):
        assert torch.equal(ours, forward(model))
    assert torch.equal((-every).at(1).direction, -every.at(1).direction)


def test_a_block_without_a_vector_is_a_sentence():
    """It says where there are vectors; none at all are refused."""
    vector = replace(vector_of(tiny("llama")), trait="calm")
    every = PreferenceVectors(by_site={vector.site: vector})
    with pytest.raises(PrefvecError, match="at block 1: there are some at block 0, resid_post"):
        every.at(1)
    with pytest.raises(PrefvecError, match="no vectors"):
        PreferenceVectors(by_site={})


@pytest.mark.parametrize("point", POINTS)
def test_at_the_answer_alone_the_last_position_moves(point):
    """By the dose, bit for bit; the positions before it not at all."""
    model = tiny("qwen2")
    vector = vector_of(model, 1, point)
    with read(model, [vector.site]) as before:
        forward(model)
    with (
        read(model, [vector.site]) as after,
        vector.applied(model, coefficient=-1.5, positions="answer"),
    ):
        forward(model)
    expected = before[vector.site].clone()
    expected[:, -1] += Steering(vector=vector, coefficient=-1.5).delta()
    assert torch.equal(after[vector.site], expected)


@pytest.mark.parametrize("positions", ["answer", "all"])
def test_generate_of_transformers_takes_the_steps_that_our_own_does(positions):
    """Greedy, from one prompt; the two places differ."""
    model, prompt = tiny("llama"), questions()[0]
    vector = replace(vector_of(model), norm=4.0)
    ids = torch.tensor([model.encode(prompt)])
    with vector.applied(model, positions=positions), torch.inference_mode():
        theirs = model.network.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=8, do_sample=False
        )[0, ids.shape[1] :].tolist()
    steering = Steering(vector=vector, coefficient=1.0, positions=positions)
    request = Request(prompt=prompt, sample=0, arm="a", steering=steering)
    (ours,) = generate(model, [request], Sampling(max_new_tokens=8, temperature=0.0))
    assert ours.ids is not None
    shared = len(ours.ids)
    assert shared > 0
    assert list(ours.ids) == theirs[:shared]


def test_positions_that_there_are_none_of_are_refused(monkeypatch):
    """With those there are, where no types are checked."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    model = tiny("llama")
    nowhere: Any = "prompt"
    with (
        pytest.raises(PrefvecError, match=r'"answer".*or "all"'),
        vector_of(model).applied(model, positions=nowhere),
    ):
        forward(model)
