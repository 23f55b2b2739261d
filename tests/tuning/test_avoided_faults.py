"""Faults of the published code of RAHF that are not repeated, one test for each."""

from dataclasses import replace

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.tuning.contrasts import contrasts
from prefvec.tuning.lora import lora
from prefvec.tuning.losses import distance
from prefvec.tuning.objectives import match_target
from prefvec.tuning.patterns import instructed
from prefvec.tuning.placement import Placement
from prefvec.tuning.reading import Reader
from prefvec.tuning.responses import Responses
from prefvec.vectors.residual import Site, read
from tests.tiny import SPOKEN, tiny
from tests.tuned import ANSWERS, asked, examples, held, likelihood, model, said, trait

LAST = Site(1, "resid_post")


@pytest.fixture
def reader():
    """LoRA in the first two of three blocks, matched at the output of the second."""
    placement = Placement(sites=(LAST,))
    with lora(model(), placement, seed=0) as adapters:
        yield Reader(model=model(), adapters=adapters, sites=placement.sites, precision="float32")


def test_a_token_is_predicted_by_the_position_before_it(reader):
    """Of what the reader says (the oracle: one pass for each token, over what stands before it)."""
    spoken = [each.spoken(None) for each in examples()]
    with torch.no_grad():
        found = reader.says(spoken).tolist()
    assert found == pytest.approx([likelihood(model(), each) for each in spoken], abs=1e-4)
    assert all(
        abs(said - _unshifted(*each)) > 0.1 for said, each in zip(found, spoken, strict=True)
    )


def _unshifted(prompt, answer):
    """What the published code takes: each token's log-probability at its own position."""
    with torch.no_grad():
        logits = model().network(torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) :]
    said = logits.log_softmax(dim=-1)
    return sum(float(said[place, token]) for place, token in enumerate(answer)) / len(answer)


def test_the_mean_of_an_answer_is_over_its_own_tokens(reader):
    """A longer neighbour in the batch, and so more padding, changes nothing."""
    spoken = [each.spoken(None) for each in examples()]
    together = reader.says(spoken)
    alone = torch.cat([reader.says([each]) for each in spoken])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)
    assert len({len(answer) for _, answer in spoken}) > 1


def test_padded_positions_do_not_enter_the_mean(reader):
    """The loss of a batch is the mean over all its response tokens, wherever the padding is."""
    batch = examples()
    with torch.no_grad():
        target = [h + 1 for h in reader.base(batch, None)]
        loss = distance(reader.tuned(batch), target)
    # Every coordinate is off by 1, so that each position is off by √d; padding would dilute it.
    assert loss == pytest.approx(model().d_model ** 0.5, rel=1e-5)
    rows = sum(len(each.answer) for each in batch)
    responses = Responses.of(model(), [each.spoken(None) for each in batch])
    assert len(target[0]) == rows < responses.mask.numel()


def test_a_short_answer_is_read_alike_alone_and_beside_a_long_one():
    """Every response token keeps its position, its row and its context."""
    batch = examples()
    together = held(model(), batch, "positive", LAST)
    alone = torch.cat([held(model(), [each], "positive", LAST) for each in batch])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_lora_in_the_last_listed_block_has_a_gradient(reader):
    """A site is what its block returns, not what the block before it does."""
    for part in match_target(reader, examples(), instructed(reader), 5.0)([0, 1, 2, 3]):
        part.backward()
    moved = {
        name: float(p.grad.abs().max())
        for name, p in reader.adapters.parameters.items()
        if "lora_B" in name
    }
    assert set(moved) == {name for name in moved if ".layers.0." in name or ".layers.1." in name}
    assert min(moved.values()) > 0
    assert sum(".layers.1." in name for name in moved) == 2


def test_a_site_is_the_hidden_state_that_follows_its_block():
    """`hidden_states[k]` of transformers is what block k − 1 returns (the oracle)."""
    ids = torch.tensor([list(examples()[0].plain)])
    with torch.no_grad(), read(model(), [LAST]) as reading:
        found = model().network(ids, output_hidden_states=True).hidden_states
    assert torch.equal(reading[LAST], found[LAST.layer + 1])
    assert not torch.equal(reading[LAST], found[LAST.layer])


@pytest.mark.parametrize("extra", ["\n\n", "\n", " "])
def test_poles_that_differ_in_format_are_refused(extra):
    """One blank line in one of two instructions would be tuned in."""
    positive = trait().positive
    longer = tuple(instruction + extra for instruction in positive.extraction)
    uneven = replace(trait(), positive=replace(positive, extraction=longer))
    with pytest.raises(PrefvecError, match="more than the words of their instructions"):
        contrasts(model(), uneven, said())


@pytest.mark.parametrize(("family", "chat"), SPOKEN)
def test_both_poles_stand_in_one_frame_in_every_dialect(family, chat):
    """And the answer has the same tokens under all three prompts."""
    spoken = contrasts(tiny(family, chat=chat), trait(), [(asked()[0], ANSWERS[0])])[0]
    answers = {spoken.spoken(pole)[1] for pole in (None, "positive", "negative")}
    assert len(answers) == 1
    assert len({spoken.plain, spoken.positive, spoken.negative}) == 3
