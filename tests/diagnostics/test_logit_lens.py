"""The lens of the last block is the model; any other reads its residual as if it were last."""

import math
from dataclasses import replace
from functools import cache
from statistics import fmean

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

from prefvec.diagnostics.logit_lens import (
    LensAgreement,
    LogitLens,
    agreements,
    divergences,
    lens_agreement,
)
from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel, assemble
from prefvec.vectors.residual import Site, read
from tests.tiny import FAMILIES, questions, tiny, tiny_tokenizer

ANSWERS = ["A river flows to the sea, and the sea is wide.", "Water.", "naïve — 🦊 猫", ""]
TURNS = [(prompt, answer) for prompt in questions() for answer in ANSWERS]
CAP = 2.0
CAPPED = "gemma2, capped"


@cache
def capped() -> LanguageModel:
    """A tiny Gemma 2, whose logits are CAP × tanh(· / CAP)."""
    tokenizer = tiny_tokenizer("gemma")
    config = Gemma2Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=8,
        query_pre_attn_scalar=8,
        max_position_embeddings=512,
        initializer_range=0.3,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        final_logit_softcapping=CAP,
        attn_logit_softcapping=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return assemble(CAPPED, Gemma2ForCausalLM(config), tokenizer)


def known(family: str) -> LanguageModel:
    """A tiny model of a family, or the capped one."""
    return capped() if family == CAPPED else tiny(family)


def sites_of(model) -> list[Site]:
    """What every block returns."""
    return [Site(layer, "resid_post") for layer in range(model.n_layers)]


def plainly(model, said) -> tuple[dict[Site, torch.Tensor], torch.Tensor]:
    """Oracle: residuals and logits before each token of an answer, from one plain pass."""
    turn = model.encode_turn(*said, closed=True)
    with torch.inference_mode(), read(model, sites_of(model)) as reading:
        logits = model.network(torch.tensor([turn.ids]), use_cache=False).logits[0]
        held = {site: reading[site][0] for site in sites_of(model)}
    kept = slice(turn.answer_start - 1, len(turn.ids) - 1)
    return {site: rows[kept] for site, rows in held.items()}, logits[kept]


@pytest.mark.parametrize("family", [*FAMILIES, CAPPED])
def test_the_lens_of_the_last_block_is_the_model(family):
    """Bit for bit, with whatever a family does after its last block; no other block's is."""
    model = known(family)
    first, *_, last = sites_of(model)
    ids = torch.tensor([[5, 9, 3, 7], [8, 2, 6, 4]])
    with torch.inference_mode(), read(model, [first, last]) as reading:
        said = model.network(input_ids=ids, use_cache=False).logits
    lens = LogitLens.of(model)
    with torch.inference_mode():
        assert torch.equal(lens.logits(reading[last]), said)
        assert not torch.allclose(lens.logits(reading[first]), said, atol=0.1)
    found = lens_agreement(model, TURNS, [first, last])
    assert found[last].top1 == 1.0
    assert found[last].kl == pytest.approx(0, abs=1e-6)
    assert found[first].kl > 1e-2


def test_logits_are_capped_as_the_model_caps_them():
    """However long the residual."""
    lens = LogitLens.of(capped())
    logits = lens.logits(1e4 * torch.randn(2, 3, 32, generator=torch.Generator().manual_seed(0)))
    assert 0.9 * CAP < float(logits.abs().max()) <= CAP


@pytest.mark.parametrize("family", ["llama", "smollm2"])
def test_the_lens_is_the_final_norm_and_the_unembedding(family):
    """Oracle: the two modules by their names, with tied embeddings and without."""
    model = tiny(family)
    held, _ = plainly(model, TURNS[0])
    rows = held[Site(0, "resid_post")]
    with torch.inference_mode():
        expected = model.network.lm_head(model.network.model.norm(rows))
        found = LogitLens.of(model).logits(rows[None])[0]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("family", ["mistral", "gpt2"])
def test_agreement_is_the_mean_of_positions_answers_and_prompts(family):
    """Oracle: plain passes, in float64; a repeated answer counts each time."""
    model = tiny(family)
    turns, site = [*TURNS, TURNS[0], TURNS[5]], Site(0, "resid_post")
    by_prompt: dict[str, list[tuple[float, float]]] = {}
    for said in turns:
        held, logits = plainly(model, said)
        with torch.inference_mode():
            seen = LogitLens.of(model).logits(held[site][None])[0]
        told, other = (each.double().log_softmax(dim=1) for each in (logits, seen))
        kl = float((told.exp() * (told - other)).sum(dim=1).mean())
        top1 = float((told.argmax(dim=1) == other.argmax(dim=1)).double().mean())
        by_prompt.setdefault(said[0].id, []).append((kl, top1))
    found = lens_agreement(model, turns, [site])[site]
    for of, value in enumerate((found.kl, found.top1)):
        expected = fmean(fmean(each[of] for each in those) for those in by_prompt.values())
        assert value == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("batch_size", [1, 3, None])
def test_agreement_does_not_depend_on_the_batch(batch_size):
    """Nor on the order of sites, nor on a site that is named twice."""
    model = tiny("pythia")
    sites = sites_of(model)
    expected = lens_agreement(model, TURNS, sites)
    found = lens_agreement(model, TURNS, [*sites[::-1], sites[0]], batch_size=batch_size)
    assert found.keys() == expected.keys()
    for site in sites:
        assert found[site].kl == pytest.approx(expected[site].kl, rel=1e-3, abs=1e-4)
        assert found[site].top1 == pytest.approx(expected[site].top1, abs=1e-4)


def test_divergence_is_that_of_known_distributions():
    """Oracle: Σ p ln (p / q); a constant on all logits changes nothing."""
    said = torch.tensor([[0.6, 0.4], [0.2, 0.8]]).log()
    seen = torch.tensor([[0.25, 0.75], [0.2, 0.8]]).log() + 7
    expected = [0.6 * math.log(0.6 / 0.25) + 0.4 * math.log(0.4 / 0.75), 0]
    assert divergences(said, seen).tolist() == pytest.approx(expected, abs=1e-6)
    assert divergences(said, said).tolist() == [0, 0]
    assert agreements(said, seen).tolist() == [False, True]


def test_the_model_is_left_as_it_was():
    """No block is replaced for good, and no hook stays."""
    model = tiny("llama")
    before = [(b.__dict__.get("forward"), len(b._forward_hooks)) for b in model.blocks]
    found = lens_agreement(model, TURNS[:2], sites_of(model))
    assert [(b.__dict__.get("forward"), len(b._forward_hooks)) for b in model.blocks] == before
    assert all(isinstance(each, LensAgreement) for each in found.values())


def test_what_cannot_be_read_is_refused_in_a_sentence():
    """No turns, a block that is not there, rows of another width."""
    model = tiny("llama")
    with pytest.raises(PrefvecError, match="no answers to read"):
        lens_agreement(model, [], sites_of(model))
    with pytest.raises(PrefvecError, match="There is no block 9"):
        lens_agreement(model, TURNS, [Site(9, "resid_post")])
    with pytest.raises(PrefvecError, match="31 wide cannot be read"):
        LogitLens.of(model).logits(torch.ones(1, 1, 31))


def test_a_lens_belongs_to_its_model():
    """Rows of one model through another's unembedding say something else."""
    held, _ = plainly(tiny("llama"), TURNS[0])
    rows = held[Site(1, "resid_post")][None]
    lens = LogitLens.of(tiny("llama"))
    other = replace(lens, model=tiny("llama", seed=1))
    assert not torch.allclose(lens.logits(rows), other.logits(rows), atol=0.1)
