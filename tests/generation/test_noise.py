"""The noise of an answer, and the tokens that are drawn with it."""

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from prefvec.generation.decoding import Row, decode
from prefvec.generation.noise import draw, uniforms
from prefvec.generation.requests import Sampling
from prefvec.vectors.steering import UNSTEERED
from tests.strategies import normal, seeds
from tests.tiny import questions, tiny


def test_first_tokens_follow_the_models_distribution():
    """Chi-square against the softmax of the logits, over two thousand samples of one prompt."""
    model, prompt = tiny("llama"), questions()[0]
    n = 2000
    ids = model.encode(prompt)
    with torch.inference_mode():
        logits = model.network(torch.tensor([ids]), use_cache=False).logits[0, -1]
    expected = torch.softmax(logits.double(), dim=0).numpy()
    rows = [Row(ids=tuple(ids), prompt=prompt.id, sample=k, steering=UNSTEERED) for k in range(n)]
    written = decode(model, rows, Sampling(max_new_tokens=1))
    firsts = [answer.ids[0] for answer in written if not answer.ended]
    observed = np.bincount(firsts, minlength=len(expected)).astype(float)
    end = list(model.end_ids)
    assert observed[end].sum() == 0
    observed[end[0]], expected[end[0]] = n - len(firsts), expected[end].sum()
    expected[end[1:]] = 0
    common = expected * n >= 5
    pooled = lambda values: [*values[common], values[~common].sum()]  # noqa: E731
    assert chisquare(pooled(observed), np.array(pooled(expected * n))).pvalue > 0.001


@settings(deadline=None)
@given(seed=seeds, n=st.integers(1, 40))
def test_noise_is_a_function_of_its_arguments_alone(seed, n):
    """Uniform numbers; a longer draw begins with the shorter; each argument matters."""
    noise = uniforms(seed, "river", 3, n)
    assert noise.shape == (n, 2)
    assert ((noise >= 0) & (noise < 1)).all()
    assert (uniforms(seed, "river", 3, 50)[:n] == noise).all()
    for other in ((seed + 1, "river", 3), (seed, "bread", 3), (seed, "river", 4)):
        assert (uniforms(*other, n) != noise).any()


@settings(deadline=None)
@given(seed=seeds, temperature=st.sampled_from([0.0, 0.3, 1.0]))
def test_impossible_tokens_are_never_drawn(seed, temperature):
    """Tokens of probability 0 are not picked, at the edges of the noise neither."""
    logits = normal(seed, 64, 20) * 10
    impossible = normal(seed + 1, 64, 20) > 0
    impossible[:, 5] = False
    logits[impossible] = -math.inf
    noise = torch.rand(64, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    noise[:8, 1] = 0.0
    noise[8:16, 1] = 1.0  # what rounding to float32 makes of the numbers just below
    ending, ended, token = draw(logits, noise, (0, 3), temperature)
    assert ((ending >= 0) & (ending <= 1)).all()
    alive = ~ended
    assert not impossible[alive, token[alive]].any()
    assert not torch.isin(token[alive], torch.tensor([0, 3])).any()


@settings(deadline=None, max_examples=30)
@given(seed=seeds, words=st.sampled_from([8193, 9000, 10240, 16385]))
def test_a_large_vocabulary_is_drawn_from_as_a_small_one(seed, words):
    """Oracle: one running sum over the whole vocabulary, in float64, within float32's rounding."""
    logits, ends = normal(seed, 40, words) * 4, torch.tensor([0, 3, words - 1])
    logits[normal(seed + 1, 40, words) > 1] = -math.inf
    noise = torch.rand(40, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    noise[:4, 1] = torch.tensor([0.0, 1.0, 1 - 2**-53, 2**-60])
    _, _, token = draw(logits, noise, ends, 1.0)
    others = torch.softmax(logits, dim=1).double().index_fill(1, ends, 0.0)
    upto = others.cumsum(1)
    before = upto.gather(1, token[:, None]) - others.gather(1, token[:, None])
    target = noise[:, 1:] * upto[:, -1:]
    assert (before <= target + 1e-7).all()
    assert (target <= upto.gather(1, token[:, None]) + 1e-7).all()
    assert (others.gather(1, token[:, None]) > 0).all()


def test_where_only_ending_is_possible_the_answer_ends():
    """Also where rounding leaves the total a little below 1."""
    logits = torch.full((1, 4), -math.inf)
    logits[0, 1:3] = 0.0
    ending, ended, _ = draw(
        logits, torch.full((1, 2), 1 - 2**-53, dtype=torch.float64), (1, 2), 1.0
    )
    assert ended.all()
    assert (ending == 1).all()
