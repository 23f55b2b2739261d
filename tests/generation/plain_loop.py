"""What generation is compared with: a plain loop, and what it asks in its own order."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch

from prefvec.generation.noise import draw, uniforms
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.tiny import questions, tiny
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
