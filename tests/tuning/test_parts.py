"""A step is taken in parts, and nothing is computed that no loss reads."""

import pytest
import torch

from prefvec.tuning import objectives
from prefvec.tuning.contrasts import contrasts
from prefvec.tuning.lora import lora
from prefvec.tuning.objectives import heed_instructions, match_target, say_answers
from prefvec.tuning.patterns import instructed
from prefvec.tuning.placement import Placement
from prefvec.tuning.reading import Reader
from prefvec.vectors.residual import Site
from tests.tiny import FAMILIES, tiny
from tests.tuned import examples, likelihood, model, pairs, said, trait

SITE = Site(1, "resid_post")
OBJECTIVES = {
    "match_target": lambda reader: match_target(reader, examples(), instructed(reader), 5.0),
    "heed_instructions": lambda reader: heed_instructions(reader, pairs()),
    "say_answers": lambda reader: say_answers(reader, examples()),
}


@pytest.fixture
def reader():
    """LoRA without dropout in the first two of three blocks; its second factor is not zero."""
    placement = Placement(sites=(SITE,), dropout=0.0)
    with lora(model(), placement, seed=0) as adapters:
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in adapters.parameters.values():
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))
        yield Reader(model=model(), adapters=adapters, sites=(SITE,), precision="float32")


def step(reader, name):
    """The loss of a step, its gradients, and of how many parts it was the sum."""
    parameters = reader.adapters.parameters
    for parameter in parameters.values():
        parameter.grad = None
    losses = []
    for part in OBJECTIVES[name](reader)(range(4)):
        part.backward()
        losses.append(float(part.detach()))
    return sum(losses), [parameter.grad for parameter in parameters.values()], len(losses)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_step_in_parts_is_the_step_as_one(reader, name, monkeypatch):
    """The same loss and the same gradients, whether answers are read alone or all side by side."""
    monkeypatch.setattr(objectives, "PART", 1)
    loss, gradients, parts = step(reader, name)
    assert parts == {"heed_instructions": 8}.get(name, 4)
    monkeypatch.setattr(objectives, "PART", 10_000)
    whole, wanted, one = step(reader, name)
    assert one == 1
    assert loss == pytest.approx(whole, rel=1e-5)
    for found, expected in zip(gradients, wanted, strict=True):
        assert float(expected.abs().max()) > 0
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)


def test_answers_in_a_part_are_of_like_length(reader, monkeypatch):
    """The longest first, so that hardly any of a pass is padding."""
    monkeypatch.setattr(objectives, "PART", 60)
    seen = []
    with model().network.model.register_forward_pre_hook(
        lambda _, __, kwargs: seen.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    ):
        for part in say_answers(reader, examples())(range(4)):
            part.backward()
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) > 1


def test_blocks_after_the_last_matched_one_are_not_computed(reader):
    """With and without gradients: what they return is read by nobody."""
    blocks = model().blocks
    after = blocks[SITE.layer + 1].register_forward_hook(lambda *_: pytest.fail("computed"))
    with after:
        for part in match_target(reader, examples(), instructed(reader), 5.0)(range(4)):
            part.backward()


def test_no_logits_of_prompts_are_computed(reader):
    """Those that predict the tokens of answers alone, and one more of each row."""
    seen = []
    spoken = [each.spoken("positive") for each in examples()]
    head = model().network.get_output_embeddings()
    with head.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape)):
        reader.says(spoken)
    longest = max(len(answer) for _, answer in spoken)
    assert [shape[:2] for shape in seen] == [(len(spoken), longest + 1)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_says_how_likely_answers_are(family):
    """As one pass for each token does (the oracle)."""
    of = tiny(family)
    spoken = [each.spoken(None) for each in contrasts(of, trait(), said())]
    placement = Placement.of(of)
    with lora(of, placement, seed=0) as adapters, torch.no_grad():
        reader = Reader(model=of, adapters=adapters, sites=placement.sites, precision="float32")
        found = reader.says(spoken).tolist()
    assert found == pytest.approx([likelihood(of, each) for each in spoken], abs=1e-4)
