"""Workers write the answers that one process writes, and what is lost with one is written again."""

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.engines.processes import Processes
from prefvec.generation.engines.tasks import Task, Worker
from prefvec.generation.engines.through import generate_by
from prefvec.generation.requests import Request, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.organisms.model_source import NamedSource
from tests.generation.gunfire import SAMPLING, wanted
from tests.tiny import save_tiny

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> NamedSource:
    """Where workers have the tiny model from."""
    home = save_tiny(tmp_path_factory.mktemp("model"), "mistral")
    return NamedSource(name=str(home), device="cpu")


@pytest.fixture(scope="module")
def model(source) -> LanguageModel:
    """The same model here."""
    return source()


@pytest.fixture(scope="module")
def two():
    """Two processes."""
    with Processes(2) as engine:
        yield engine


def assert_alike(found, plain) -> None:
    """Equal but for the last digits that depend on how a batch is computed."""
    for a, b in zip(found, plain, strict=True):
        bare = {"expected_words": None, "perplexity": None}
        assert replace(a, **bare) == replace(b, **bare)
        assert a.expected_words == pytest.approx(b.expected_words, abs=1e-4)
        assert a.perplexity == pytest.approx(b.perplexity, rel=1e-4)


def test_two_processes_write_what_one_writes(source, model, two, tmp_path):
    """Row for row; what the store has is not written again, and each answer is kept once."""
    requests, told = wanted(model), []
    plain = generate(model, requests, SAMPLING, perplexity=True)
    with CompletionStore(tmp_path / "answers.sqlite") as store:
        generate(model, requests[:10], SAMPLING, store=store, perplexity=True)
        found = generate_by(
            two,
            source,
            model,
            requests,
            SAMPLING,
            store=store,
            rows=8,
            progress=lambda done, total: told.append((done, total)),
            perplexity=True,
        )
        assert len(store) == len(requests) == 64
        assert store.get_many([]) == {}
    assert_alike(found, plain)
    assert told[0] == (10, 64)
    assert told[-1] == (64, 64)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_worker_loads_a_model_once(source, model):
    """However many tasks it is given; another source is another model."""
    worker = Worker()
    task = Task(source=source, requests=wanted(model)[:2], sampling=SAMPLING)
    assert worker.write(task) == worker.write(replace(task, source=replace(source)))
    assert worker.loads == 1
    worker.write(replace(task, source=replace(source, dtype="float64")))
    assert worker.loads == 2


@dataclass(frozen=True, kw_only=True)
class Deadly:
    """A source that kills its process the first times that it is asked."""

    source: NamedSource
    marks: Path
    times: int

    def __call__(self) -> LanguageModel:
        """The model, unless this process is to die."""
        for number in range(self.times):
            try:
                (self.marks / str(number)).touch(exist_ok=False)
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)
        return self.source()


def test_what_is_lost_with_a_process_is_written_again(source, model, tmp_path):
    """Nothing is lost and nothing is there twice; lost too often, it is a sentence."""
    requests = wanted(model)
    with Processes(2) as engine, CompletionStore(tmp_path / "answers.sqlite") as store:
        deadly = Deadly(source=source, marks=tmp_path, times=1)
        found = generate_by(engine, deadly, model, requests, SAMPLING, store=store, rows=16)
        assert_alike(found, generate(model, requests, SAMPLING))
        assert len(store) == 64


@pytest.mark.slow
def test_processes_that_are_lost_too_often_are_a_sentence(source, model, tmp_path, monkeypatch):
    """It says how often, and what to do."""
    monkeypatch.setattr("prefvec.generation.engines.processes.RETRIES", 0)
    with Processes(1) as engine:
        deadly = Deadly(source=source, marks=tmp_path, times=9)
        with pytest.raises(PrefvecError, match="lost 1 times"):
            generate_by(engine, deadly, model, wanted(model)[:1], SAMPLING)


def test_workers_with_another_model_are_refused(source, model, two, tmp_path):
    """The sentence names what differs; nothing of theirs is kept."""
    other = save_tiny(tmp_path / "other", "mistral", seed=1)
    with CompletionStore(":memory:") as store:
        with pytest.raises(PrefvecError, match=r"of its own kind \(model '"):
            generate_by(
                two,
                replace(source, name=str(other)),
                model,
                [r for r in wanted(model) if r.steering.vector is None],
                SAMPLING,
                store=store,
            )
        assert len(store) == 0


def test_what_a_worker_raises_is_raised_here(source, model, two):
    """A model that is not there is the same sentence."""
    gone = replace(source, name="/nowhere/at/all")
    with pytest.raises(PrefvecError, match="nowhere"):
        generate_by(two, gone, model, wanted(model)[:1], SAMPLING)


def test_prompts_of_one_id_and_two_texts_are_two_questions(source, model, two):
    """Each request has the answer to its own text."""
    one = wanted(model)[0]
    other = replace(one, prompt=replace(one.prompt, text="How is bread made, and when?"))
    requests: list[Request] = [one, other]
    found = generate_by(two, source, model, requests, SAMPLING, rows=1)
    assert_alike(found, generate(model, requests, SAMPLING))


def test_no_workers_are_refused():
    """Zero processes write nothing."""
    with pytest.raises(PrefvecError, match="at least one"):
        Processes(0)
