"""Batches in several lanes give what they give one after another."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from prefvec.generation import lanes as lanes_module
from prefvec.generation.lanes import even, in_lanes, lanes
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from tests.strategies import vector_in
from tests.tiny import tiny


@pytest.fixture(scope="module")
def model():
    """A small model with random weights."""
    return tiny("llama")


@pytest.fixture
def two_lanes(monkeypatch):
    """Two lanes, however few threads and items there are; beside them one thread, as in a lane."""
    monkeypatch.setattr(lanes_module, "lanes", lambda model: 2)
    monkeypatch.setattr(lanes_module, "FEW", 1)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def requests(vector: PreferenceVector) -> list[Request]:
    """Steered and unsteered answers to a few prompts, mixed."""
    doses = [UNSTEERED, *(Steering(vector=vector, coefficient=c) for c in (-1.0, 1.0))]
    prompts = [Prompt(id=f"p{i}", text=f"word {i}", topic="t") for i in range(5)]
    return [
        Request(prompt=prompt, sample=k, steering=dose, arm="a")
        for prompt in prompts
        for k in range(2)
        for dose in doses
    ]


def test_lanes_change_no_answer(model, two_lanes, monkeypatch):
    """Steered rows of one lane never reach the rows of the other."""
    vector = vector_in(Space.of(model, Site(1, "resid_post")), 3 * torch.ones(model.d_model))
    asked, sampling = requests(vector), Sampling(max_new_tokens=12)
    side_by_side = generate(model, asked, sampling, batch_size=4, perplexity=True)
    monkeypatch.setattr(lanes_module, "lanes", lambda model: 1)
    one_by_one = generate(model, asked, sampling, batch_size=4, perplexity=True)
    assert [a.text for a in side_by_side] == [a.text for a in one_by_one]
    assert len({a.text for a in one_by_one}) > 5
    assert [a.perplexity for a in side_by_side] == pytest.approx([a.perplexity for a in one_by_one])


def test_every_item_is_worked_on_once_and_threads_are_as_before(model, two_lanes):
    """Results come with their items, whatever the order of the lanes."""
    threads = torch.get_num_threads()
    batches = in_lanes(model, range(11), 3, lambda _, items: [-i for i in items])
    found = [pair for batch in batches for pair in batch]
    assert sorted(found) == [(i, -i) for i in range(11)]
    assert torch.get_num_threads() == threads


@given(items=st.integers(1, 5000), size=st.integers(1, 1024), count=st.integers(1, 8))
def test_all_lanes_have_as_many_batches(items, size, count):
    """None larger than asked, in as few rounds as that allows, and the last one is full."""
    found = even(items, size, count)
    batches = math.ceil(items / found)
    assert 1 <= found <= size
    assert math.ceil(batches / count) == math.ceil(items / (size * count))
    assert batches == count * math.ceil(batches / count) or found * batches - items < batches


def test_a_lane_that_runs_out_of_memory_is_tried_again_in_smaller_batches(model, two_lanes):
    """Nothing is lost; a batch of more than two items does not fit here."""

    def work(_, items):
        if len(items) > 2:
            raise RuntimeError("out of memory")
        return list(items)

    found = [item for batch in in_lanes(model, range(9), 4, work) for item, _ in batch]
    assert sorted(found) == list(range(9))


def test_another_error_in_a_lane_is_raised(model, two_lanes):
    """A defect does not pass for a lack of memory."""

    def work(_, items):
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        list(in_lanes(model, range(4), 2, work))


def test_large_models_and_accelerators_have_one_lane(model, monkeypatch):
    """Only where cores share one matrix product badly are they given batches of their own."""
    assert lanes(model) == torch.get_num_threads()
    monkeypatch.setattr(lanes_module, "SMALL", 10)
    assert lanes(model) == 1
