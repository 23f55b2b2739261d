"""The residual stream is read and moved at exactly the sites named, and then left alone."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings

from prefvec.errors import PrefvecError
from prefvec.vectors.residual import POINTS, Site, Space, add, read
from tests.strategies import normal, seeds, sites
from tests.tiny import FAMILIES, tiny

IDS = torch.tensor([[5, 9, 3, 7], [8, 2, 6, 4]])


def forward(model) -> torch.Tensor:
    """Logits of two fixed sequences."""
    with torch.inference_mode():
        return model.network(input_ids=IDS, use_cache=False).logits


def hooks(model) -> int:
    """Hooks on all blocks."""
    return sum(len(b._forward_hooks) + len(b._forward_pre_hooks) for b in model.blocks)


@settings(max_examples=20, deadline=None)
@given(site=sites, seed=seeds)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_read_moves_by_exactly_what_was_added(family, site, seed):
    """Every position of every row moves by its row's vector, bit for bit."""
    model = tiny(family)
    delta = normal(seed, 2, model.d_model)
    with read(model, [site]) as before:
        forward(model)
    with read(model, [site]) as after, add(model, {site: delta}):
        forward(model)
    assert torch.equal(after[site], before[site] + delta[:, None, :])


@pytest.mark.parametrize("steered", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_site_is_what_transformers_calls_a_hidden_state(family, steered):
    """Oracle: `output_hidden_states`, whose last entry alone is something else, post-norm."""
    model = tiny(family)
    every = [Site(layer, point) for layer in range(model.n_layers) for point in POINTS]
    deltas = {Site(0, "resid_post"): normal(0, 2, model.d_model)} if steered else {}
    with torch.inference_mode(), read(model, every) as reading, add(model, deltas):
        states = model.network(IDS, use_cache=False, output_hidden_states=True).hidden_states
    for layer in range(model.n_layers):
        assert torch.equal(reading[Site(layer, "resid_pre")], states[layer])
    for layer in range(model.n_layers - 1):
        assert torch.equal(reading[Site(layer, "resid_post")], states[layer + 1])
    assert not torch.allclose(reading[every[-1]], states[-1])


def test_reading_sees_the_sum_whichever_was_entered_first():
    """The order of the two context managers does not matter."""
    model, site = tiny("llama"), Site(1, "resid_pre")
    delta = normal(0, 2, model.d_model)
    with add(model, {site: delta}), read(model, [site]) as inside:
        forward(model)
    with read(model, [site]) as outside, add(model, {site: delta}):
        forward(model)
    assert torch.equal(inside[site], outside[site])
    assert not torch.equal(inside[site] - delta[:, None, :], inside[site])


def test_a_block_returns_what_the_next_one_receives():
    """resid_post of one block and resid_pre of the next are the same numbers."""
    model = tiny("gemma")
    with read(model, [Site(0, "resid_post"), Site(1, "resid_pre")]) as reading:
        forward(model)
    assert torch.equal(reading[Site(0, "resid_post")], reading[Site(1, "resid_pre")])


@pytest.mark.parametrize("point", ["resid_pre", "resid_post"])
def test_a_zero_dose_is_bit_identical_to_no_hook(point):
    """Adding zeros, of either sign, leaves the logits bit for bit as they were."""
    model = tiny("mistral")
    zeros = torch.zeros(2, model.d_model)
    without = forward(model)
    with add(model, {Site(0, point): zeros, Site(1, point): -zeros}):
        assert forward(model).view(torch.int32).equal(without.view(torch.int32))


def test_a_zero_dose_keeps_the_sign_of_zero():
    """Where the residual is -0.0 it stays so, which adding +0.0 would not leave alone."""
    model = replace(tiny("mistral"))
    model.__dict__["blocks"] = (torch.nn.Identity(),)
    with add(model, {Site(0, "resid_post"): torch.zeros(2, 3)}):
        moved = model.blocks[0](torch.full((2, 4, 3), -0.0))
    assert moved.signbit().all()


def test_a_row_without_a_dose_does_not_notice_the_others():
    """One row is steered, the other one's logits stay bit for bit."""
    model = tiny("llama")
    delta = torch.zeros(2, model.d_model)
    delta[0] = 1.0
    without = forward(model)
    with add(model, {Site(1, "resid_post"): delta}):
        steered = forward(model)
    assert torch.equal(steered[1], without[1])
    assert not torch.allclose(steered[0], without[0])


class InterruptionError(Exception):
    """Something that goes wrong inside the block."""


def test_hooks_are_gone_after_an_exception():
    """An exception inside the block leaves no hook, is not replaced, and changes no logit."""
    model, site = tiny("mistral"), Site(0, "resid_post")
    without, before = forward(model), hooks(model)
    delta = torch.ones(2, model.d_model)
    with pytest.raises(InterruptionError), read(model, [site]), add(model, {site: delta}):
        raise InterruptionError
    assert hooks(model) == before
    assert torch.equal(forward(model), without)


def test_hooks_are_gone_when_a_site_is_missing():
    """Hooks already placed are taken away when a later site turns out not to exist."""
    model = tiny("mistral")
    before = hooks(model)
    delta = torch.ones(2, model.d_model)
    wrong = {Site(0, "resid_post"): delta, Site(9, "resid_post"): delta}
    with pytest.raises(PrefvecError, match="counted 0 to 1"), add(model, wrong):
        pass
    assert hooks(model) == before


def test_a_hook_that_never_fired_is_an_error():
    """A block without a forward pass inside it cannot pass for steering."""
    model = tiny("mistral")
    delta = torch.ones(2, model.d_model)
    with (
        pytest.raises(PrefvecError, match="was not steered"),
        add(model, {Site(0, "resid_post"): delta}),
    ):
        pass


def test_rows_that_differ_from_the_batch_are_refused():
    """A delta is never broadcast over rows it was not meant for."""
    model = tiny("mistral")
    delta = torch.ones(1, model.d_model)
    with (
        pytest.raises(PrefvecError, match="one vector per row"),
        add(model, {Site(0, "resid_post"): delta}),
    ):
        forward(model)


class TupleBlock(torch.nn.Module):
    """A decoder block of the transformers versions that returned tuples."""

    def __init__(self, block: torch.nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, *args, **kwargs):
        """The residual first, then something else."""
        return self.block(*args, **kwargs), "attention weights"


def test_a_block_may_return_a_tuple():
    """The first entry is the residual; the others pass through, and nothing is edited in place."""
    wrapped = TupleBlock(torch.nn.Linear(3, 3))

    model = replace(tiny("mistral"))
    model.__dict__["blocks"] = (wrapped,)
    site, inputs = Site(0, "resid_post"), torch.ones(2, 4, 3)
    original = wrapped(inputs)[0].detach().clone()
    with read(model, [site]) as reading, add(model, {site: torch.ones(2, 3)}):
        moved, rest = wrapped(inputs)
    assert rest == "attention weights"
    assert torch.equal(moved, original + 1)
    assert torch.equal(reading[site], moved)
    assert torch.equal(wrapped(inputs)[0], original)


@pytest.mark.parametrize(("layer", "point"), [(-1, "resid_post"), (0, "mlp_out")])
def test_places_that_are_no_site_are_refused(layer, point):
    """Layers are counted from 0 and there are two points."""
    with pytest.raises(PrefvecError, match="is not a site"):
        Site(layer, point)


def test_a_space_is_that_of_one_model():
    """Another model, or the same weights under another tokenizer, is refused by name."""
    model = tiny("mistral")
    own = Space(
        model=model.fingerprint,
        tokenizer=model.tokenizer_fingerprint,
        site=Site(0, "resid_post"),
        n_layers=2,
    )
    own.require(model, "It")
    with pytest.raises(PrefvecError, match="made for weights"):
        own.require(tiny("llama"), "It")
