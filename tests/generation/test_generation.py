"""An answer is a function of its prompt, its noise and its dose, and of nothing else."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import DynamicCache

from prefvec.errors import PrefvecError
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import assemble
from prefvec.models.padding import left_padded
from prefvec.vectors.residual import add
from prefvec.vectors.steering import UNSTEERED
from tests.generation.plain_loop import (
    SAMPLING,
    assert_alike,
    assert_no_order_changes_answers,
    plainly,
    requests_for,
)
from tests.tiny import FAMILIES, questions, tiny
from tests.vectors.test_vector import of_model


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
