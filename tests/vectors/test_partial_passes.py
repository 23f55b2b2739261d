"""A pass in part is what the whole pass is there, bit for bit, and leaves the model as it was."""

import pytest
import torch

from prefvec.vectors.partial_passes import begun, going_on_from, stopping_after
from prefvec.vectors.residual import POINTS, Site, add, read
from tests.tiny import FAMILIES, tiny

IDS = torch.tensor([[5, 9, 3, 7], [8, 2, 6, 4]])


def forward(model) -> torch.Tensor:
    """Logits of two fixed sequences."""
    with torch.inference_mode():
        return model.network(input_ids=IDS, use_cache=False).logits


def hooks(model) -> int:
    """Hooks on all blocks."""
    return sum(len(b._forward_hooks) + len(b._forward_pre_hooks) for b in model.blocks)


class InterruptionError(Exception):
    """Something that goes wrong inside the block."""


@pytest.mark.parametrize("point", POINTS)
def test_a_pass_that_stops_early_has_read_the_same(point):
    """Bit for bit, and nothing beyond the deepest site has run."""
    model, site = tiny("mistral"), Site(0, point)
    before, ran = hooks(model), []
    with read(model, [site]) as whole:
        forward(model)
    watch = model.blocks[1].register_forward_pre_hook(lambda *_: ran.append(1))
    with read(model, [site, Site(0, "resid_pre")]) as reading:
        with stopping_after(model, [Site(0, "resid_pre"), site]):
            forward(model)
        stopped = reading[site]
    watch.remove()
    assert torch.equal(stopped, whole[site])
    assert not ran
    assert hooks(model) == before


def test_an_exception_leaves_a_pass_that_would_stop_early():
    """Only the pass's own end is taken for its end; and the hook is gone."""
    model = tiny("mistral")
    before = hooks(model)
    with pytest.raises(InterruptionError), stopping_after(model, [Site(0, "resid_post")]):
        raise InterruptionError
    assert hooks(model) == before


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("layer", [0, 1])
def test_a_pass_that_goes_on_from_a_block_is_the_whole_pass(family, layer):
    """Bit for bit, with a vector added where it goes on, and without; no block before runs."""
    model, site = tiny(family), Site(layer, "resid_post")
    own = [block.__dict__.get("forward") for block in model.blocks]
    delta, ran = torch.ones(2, model.d_model), []
    plain = forward(model)
    with add(model, {site: delta}):
        moved = forward(model)
    start = begun(model, layer, lambda: forward(model))
    for block in model.blocks[: layer + 1]:
        inner = next(iter(block.children()))
        inner.register_forward_pre_hook(lambda *_: ran.append(1))
    with going_on_from(model, start):
        assert torch.equal(forward(model), plain)
        with add(model, {site: delta}):
            assert torch.equal(forward(model), moved)
    assert not ran
    assert [block.__dict__.get("forward") for block in model.blocks] == own


def test_a_pass_goes_on_with_its_rows_repeated():
    """Each repetition is its own, as rows of a batch are."""
    model = tiny("mistral")
    plain = forward(model)
    start = begun(model, 0, lambda: forward(model))
    delta = torch.cat([torch.zeros(2, model.d_model), torch.ones(2, model.d_model)])
    dosed = add(model, {Site(0, "resid_post"): delta})
    with torch.inference_mode(), going_on_from(model, start, times=2), dosed:
        both = model.network(input_ids=IDS.repeat(2, 1), use_cache=False).logits
    torch.testing.assert_close(both[:2], plain, rtol=1e-5, atol=1e-5)
    assert not torch.allclose(both[2:], plain, atol=1e-3)


def test_blocks_have_their_own_pass_back_after_an_exception():
    """Whatever happens while a pass goes on."""
    model = tiny("mistral")
    plain, before = forward(model), hooks(model)
    start = begun(model, 0, lambda: forward(model))
    with pytest.raises(InterruptionError), going_on_from(model, start):
        raise InterruptionError
    assert hooks(model) == before
    assert torch.equal(forward(model), plain)
