"""An answer is a function of its prompt, its noise and its dose, and of nothing else."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from transformers import DynamicCache

from prefvec.errors import PrefvecError
from prefvec.generation.decoding import Row, decode
from prefvec.generation.noise import draw, uniforms
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel, assemble
from prefvec.models.padding import left_padded
from prefvec.vectors.residual import add
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.strategies import normal, seeds
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model

SAMPLING = Sampling(max_new_tokens=12)


def requests_for(model, samples: int = 2) -> list[Request]:
    """Every prompt under no steering, and under both signs at two sites."""
    arms = {"unsteered": UNSTEERED}
    for layer, coefficient in ((0, 1.0), (0, -1.0), (1, 0.5), (1, 0.0)):
        vector = of_model(model, layer).at_relative_norm(0.5)
        arms[f"{layer} {coefficient}"] = Steering(vector=vector, coefficient=coefficient)
    return [
        Request(prompt=prompt, sample=sample, steering=steering, arm=arm)
        for prompt in questions()
        for sample in range(samples)
        for arm, steering in arms.items()
    ]


@dataclass(frozen=True)
class Plain:
    """What a plain loop finds: the answer, and the path to the cap with its survival."""

    text: str
    n_tokens: int
    path: list[int]
    survival: list[float]


def plainly(model, request: Request, sampling: Sampling) -> Plain:
    """Oracle: one row, no cache, no padding; the whole sequence is read anew for every token.

    Steering is added to every position from the last prompt token on, or to all of them. The answer
    stops where the noise says so, as if nothing were followed further; the path goes on to the cap.
    """
    ids = model.encode(request.prompt)
    start = 0 if request.steering.positions == "all" else len(ids) - 1
    noise = uniforms(sampling.seed, request.prompt.id, request.sample, sampling.max_new_tokens)
    delta = request.steering.delta()
    path: list[int] = []
    survival = [1.0]
    cut = sampling.max_new_tokens
    for step in range(sampling.max_new_tokens):

        def steer(module, args, output):
            moved = output.clone()
            moved[:, start:] += delta
            return moved

        handle = None
        if delta is not None:
            block = model.blocks[request.steering.vector.site.layer]
            handle = block.register_forward_hook(steer)
        with torch.inference_mode():
            logits = model.network(torch.tensor([ids + path]), use_cache=False).logits[:, -1]
        if handle is not None:
            handle.remove()
        ending, ended, token = draw(
            logits, torch.from_numpy(noise[step : step + 1]), model.end_ids, sampling.temperature
        )
        if ended:
            cut = min(cut, step)
        path.append(int(token))
        survival.append(survival[-1] * (1 - float(ending)))
    return Plain(model.decode(path[:cut]), cut, path, survival[1:])


def assert_alike(found, wanted) -> None:
    """The same answers; the last digits of expected words depend on how a batch is computed."""
    for a, b in zip(found, wanted, strict=True):
        assert replace(a, expected_words=None) == replace(b, expected_words=None)
        assert a.expected_words == pytest.approx(b.expected_words, abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_those_of_a_plain_loop(family):
    """Padding, cache, shared prefixes, leaving rows and mixed doses change no answer."""
    model = tiny(family)
    requests = requests_for(model)
    for request, completion in zip(requests, generate(model, requests, SAMPLING), strict=True):
        plain = plainly(model, request, SAMPLING)
        assert (completion.text, completion.n_tokens) == (plain.text, plain.n_tokens)
        assert completion.arm == request.arm
        assert completion.prompt == request.prompt.id


@functools.cache
def in_order(ask: Callable[[LanguageModel], list[Request]], sampling: Sampling):
    """A model, what it is asked, and its answers in the order and the batches that it chooses."""
    model = tiny("mistral")
    requests = ask(model)
    return model, requests, generate(model, requests, sampling)


def assert_no_order_changes_answers(ask, sampling, order, batch_size) -> None:
    """Shuffled and in batches of some size, what is asked has the answers of its own order."""
    model, requests, answers = in_order(ask, sampling)
    places = order.sample(range(len(requests)), len(requests))
    again = generate(model, [requests[i] for i in places], sampling, batch_size=batch_size)
    assert_alike(again, [answers[i] for i in places])


@settings(max_examples=10, deadline=None)
@given(order=st.randoms(use_true_random=False), batch_size=st.integers(1, 17))
def test_batching_and_order_change_no_answer(order, batch_size):
    """Any order in batches of any size gives the same answers."""
    assert_no_order_changes_answers(requests_for, SAMPLING, order, batch_size)


@pytest.mark.parametrize("family", FAMILIES)
def test_coefficient_zero_is_the_identity(family):
    """Answers equal the unsteered ones, also in a batch where other rows are steered."""
    model = tiny(family)
    arms = {(c.prompt, c.sample, c.arm): c for c in generate(model, requests_for(model), SAMPLING)}
    for (prompt, sample, arm), completion in arms.items():
        if arm == "1 0.0":
            assert completion.text == arms[prompt, sample, "unsteered"].text


@pytest.mark.parametrize("family", FAMILIES)
def test_a_zero_dose_leaves_cached_logits_bit_for_bit(family):
    """In a decoding step over a cache, with hooks at every block, as without hooks."""
    model = tiny(family)
    sites = [of_model(model, layer).site for layer in range(2)]

    def step(deltas) -> torch.Tensor:
        ids = torch.tensor([[5, 6, 7, 8], [9, 3, 2, 4]])
        cache = DynamicCache(config=model.network.config)
        with torch.inference_mode():
            model.network(ids[:, :-1], past_key_values=cache, use_cache=True)
            with add(model, deltas):
                return model.network(ids[:, -1:], past_key_values=cache, use_cache=True).logits

    zero = step({site: torch.zeros(2, model.d_model) for site in sites})
    assert torch.equal(zero.view(torch.int32), step({}).view(torch.int32))


def test_steering_changes_answers():
    """The laws above are not kept by doing nothing."""
    model = tiny("llama")
    texts = {
        (c.prompt, c.sample, c.arm): c.text for c in generate(model, requests_for(model), SAMPLING)
    }
    changed = [
        texts[prompt, sample, "0 1.0"] != texts[prompt, sample, "unsteered"]
        for prompt, sample, arm in texts
        if arm == "unsteered"
    ]
    assert sum(changed) > len(changed) / 2


def test_samples_of_one_prompt_differ():
    """The sample index reaches the noise."""
    completions = generate(tiny("llama"), requests_for(tiny("llama"), samples=4), SAMPLING)
    texts = {c.text for c in completions if c.prompt == "river" and c.arm == "unsteered"}
    assert len(texts) == 4


def test_an_interrupted_run_resumes(tmp_path):
    """What was finished is kept, only the rest is generated, and the answers are the same."""
    model = tiny("mistral")
    requests = requests_for(model)
    expected = generate(model, requests, SAMPLING)

    def interrupt(done: int, total: int) -> None:
        if done >= 16:
            raise KeyboardInterrupt

    with CompletionStore(tmp_path / "answers.sqlite") as store:
        with pytest.raises(KeyboardInterrupt):
            generate(model, requests, SAMPLING, store=store, batch_size=8, progress=interrupt)
        assert len(store) == 16
    told: list[tuple[int, int]] = []
    with CompletionStore(tmp_path / "answers.sqlite") as store:
        again = generate(
            model,
            requests,
            SAMPLING,
            store=store,
            batch_size=8,
            progress=lambda done, total: told.append((done, total)),
        )
        assert store.hits == 16
        assert len(store) == store.hits + store.misses == 32
    assert_alike(again, expected)
    assert told == [(16, 32), (24, 32), (32, 32)]


def test_equal_requests_are_generated_once():
    """Two arms of the same steering share an answer and keep their names."""
    model = tiny("mistral")
    one = Request(prompt=questions()[0], sample=0, steering=UNSTEERED, arm="one")
    told: list[tuple[int, int]] = []
    a, b = generate(
        model,
        [one, replace(one, arm="other")],
        SAMPLING,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 1)]
    assert (a.arm, b.arm) == ("one", "other")
    assert replace(a, arm="") == replace(b, arm="")


def test_memory_running_out_halves_the_batch():
    """The answers are the same; where one row does not fit, a sentence says so."""
    model = tiny("mistral")
    requests = requests_for(model)
    expected = generate(model, requests, SAMPLING)
    refused: list[int] = []
    most = 9

    def run_out(module, args, kwargs) -> None:
        rows = len(kwargs["input_ids"])
        if rows > most:
            refused.append(rows)
            raise torch.OutOfMemoryError("out of memory")

    hook = model.network.register_forward_pre_hook(run_out, with_kwargs=True)
    try:
        assert_alike(generate(model, requests, SAMPLING), expected)
        assert refused == [32, 16]
        most = 0
        with pytest.raises(PrefvecError, match="does not fit"):
            generate(model, requests, SAMPLING)
    finally:
        hook.remove()


def test_an_answer_says_whether_the_model_or_the_cap_ended_it():
    """`length` exactly where the cap was reached; a higher cap continues the same answer."""
    model = tiny("mistral")
    requests = requests_for(model, samples=8)
    short = generate(model, requests, Sampling(max_new_tokens=30))
    long = generate(model, requests, Sampling(max_new_tokens=60))
    assert {c.finish_reason for c in short} == {"stop", "length"}
    for a, b in zip(short, long, strict=True):
        assert (a.finish_reason == "length") == (a.n_tokens == 30)
        assert a.expected_words <= b.expected_words + 1e-4
        if a.finish_reason == "stop":
            assert replace(a, expected_words=None) == replace(b, expected_words=None)
        else:
            assert b.n_tokens >= 30


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
    """Oracle: one running sum over the whole vocabulary, in float64."""
    logits, ends = normal(seed, 40, words) * 4, torch.tensor([0, 3, words - 1])
    logits[normal(seed + 1, 40, words) > 1] = -math.inf
    noise = torch.rand(40, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    noise[:4, 1] = torch.tensor([0.0, 1.0, 1 - 2**-53, 2**-60])
    _, _, token = draw(logits, noise, ends, 1.0)
    others = torch.softmax(logits, dim=1).double().index_fill(1, ends, 0.0)
    upto = others.cumsum(1)
    before = upto.gather(1, token[:, None]) - others.gather(1, token[:, None])
    target = noise[:, 1:] * upto[:, -1:]
    assert (before <= target + 1e-9).all()
    assert (target <= upto.gather(1, token[:, None]) + 1e-9).all()
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


@pytest.mark.parametrize("family", FAMILIES)
def test_temperature_zero_is_greedy(family):
    """Oracle: transformers' own greedy generation."""
    model = tiny(family)
    sampling = Sampling(max_new_tokens=10, temperature=0.0)
    for prompt in questions():
        request = Request(prompt=prompt, sample=0, steering=UNSTEERED, arm="")
        (completion,) = generate(model, [request], sampling)
        ids = torch.tensor([model.encode(prompt)])
        expected = model.network.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=10,
            do_sample=False,
            eos_token_id=list(model.end_ids),
            pad_token_id=model.pad_id,
        )
        assert completion.text == model.decode(expected[0, ids.shape[1] :].tolist())


@pytest.mark.parametrize(
    ("family", "window"),
    [
        ("mistral", {"sliding_window": 5}),
        ("qwen2", {"sliding_window": 5, "use_sliding_window": True, "max_window_layers": 1}),
        ("phi3", {"sliding_window": 5}),
        ("mixtral", {"sliding_window": 5}),
    ],
)
def test_a_sliding_window_is_respected(family, window):
    """The preallocated cache keeps every column, and the mask leaves out those too far back.

    Qwen2 has one in some of its blocks only.
    """
    plain = tiny(family)
    shape = {**plain.network.config.to_dict(), "layer_types": None, **window}
    network = type(plain.network)(type(plain.network.config)(**shape))
    network.load_state_dict(plain.network.state_dict())
    model = assemble("sliding", network, plain.tokenizer)
    requests = [r for r in requests_for(plain) if r.arm == "unsteered"]
    answers = generate(model, requests, SAMPLING)
    for request, completion in zip(requests, answers, strict=True):
        oracle = plainly(model, request, SAMPLING)
        assert (completion.text, completion.n_tokens) == (oracle.text, oracle.n_tokens)
    assert answers != generate(plain, requests, SAMPLING)


def test_experts_are_chosen_for_each_token_alone():
    """The router of every block gives the same logits in a left-padded batch as alone."""
    model = tiny("mixtral")
    rows = [model.encode(prompt) for prompt in questions()]
    inputs = left_padded(rows, model.pad_id, model.device)
    with torch.inference_mode():
        batch = model.network(**inputs, output_router_logits=True).router_logits
        for row, ids in enumerate(rows):
            alone = model.network(torch.tensor([ids]), output_router_logits=True).router_logits
            for together, own in zip(batch, alone, strict=True):
                mine = together.view(len(rows), -1, own.shape[-1])[row, -len(ids) :]
                torch.testing.assert_close(mine, own, rtol=1e-4, atol=1e-4)


def test_an_answer_does_not_pass_the_length_at_which_positions_stretch():
    """LongRoPE would change the keys of every row of the batch from there on."""
    model = tiny("phi3")
    with pytest.raises(PrefvecError, match="reads 256 at most"):
        generate(model, requests_for(model), Sampling(max_new_tokens=256))


def test_what_cannot_be_generated_is_refused():
    """A vector of another model, an answer longer than the model reads, a senseless sampling."""
    model = tiny("mistral")
    with pytest.raises(PrefvecError, match="does not belong"):
        generate(model, requests_for(tiny("llama")), SAMPLING)
    with pytest.raises(PrefvecError, match="reads 512 at most"):
        generate(model, requests_for(model), Sampling(max_new_tokens=512))
    with pytest.raises(PrefvecError, match="cannot be sampled with"):
        Sampling(max_new_tokens=0)
