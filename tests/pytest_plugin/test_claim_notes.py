"""What a record is told besides what was measured."""

from dataclasses import replace

import pytest

from prefvec.experiments.lab import Lab
from prefvec.experiments.material import Material
from prefvec.experiments.memory import Memory
from prefvec.experiments.options import Options
from prefvec.generation.store import Answer, CompletionStore
from prefvec.pytest_plugin import notes
from prefvec.report.record import Measuring, mismatches
from tests.stored import KEY

ANSWER = Answer(text="Water.", n_tokens=2, finish_reason="stop", ids=(5, 0))


@pytest.fixture
def lab(tmp_path) -> Lab:
    """A laboratory where no model was loaded yet."""
    models = ("mini-llama-small",)
    options = Options(
        sources=models,
        targets=models,
        device="cpu",
        samples=2,
        n_prompts=24,
        store=tmp_path / "completions.sqlite",
        quick=True,
    )
    return Lab(options, CompletionStore(":memory:"), material=Material.of(options))


@pytest.mark.parametrize("devices", [[], ["cpu", "cpu"]])
def test_the_note_of_a_measurement_says_when_where_and_at_which_commit(lab, monkeypatch, devices):
    """Also where no model had to be loaded."""
    monkeypatch.setattr(lab.models, "describe", lambda: [{"device": each} for each in devices])
    found = notes.Watch(lab).read()
    assert mismatches(found, Measuring) == []
    assert found["seconds"] >= 0
    assert found["started"].endswith("+00:00")
    told = (found["device"], bool(found["processor"]))
    assert told == (("cpu", True) if devices else (None, False))


def test_a_measurement_from_stored_answers_alone_says_when_these_were_written(lab, monkeypatch):
    """As soon as the run has generated an answer nobody says that they were there before."""
    monkeypatch.setattr(lab.models, "describe", list)
    lab.store.put_many({KEY: ANSWER})
    assert notes.Watch(lab).read()["written"] is None
    lab.store.get_many([KEY])
    first, last = notes.Watch(lab).read()["written"]
    assert first == last
    assert first.endswith("+00:00")
    lab.store.get_many([replace(KEY, sample=1)])
    assert notes.Watch(lab).read()["written"] is None


def test_the_facts_of_a_run_hold_its_test_questions(lab, monkeypatch):
    """By the prompts' ids; of the other splits only what they had."""
    splits = [{"name": "test", "n_prompts": 24}, {"name": "tuning", "n_prompts": 3}]
    monkeypatch.setattr(notes, "run_facts", lambda _: {"run": {}, "models": [], "splits": splits})
    test, tuning = notes.facts(Memory(lab))["splits"]
    assert test["texts"] == {p.id: p.text for p in lab.material.splits["test"]}
    assert len(test["texts"]) == 24
    assert tuning == splits[1]
