"""Processes that put answers into a store and may be killed at any moment; imported, not tested.

A server is started once with the libraries loaded, and each process is a fork of it, so that a
start takes a tenth of a second and not ten.
"""

import functools
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch

from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import load
from prefvec.vectors.steering import UNSTEERED, Steering
from tests.generation.busy import busy
from tests.tiny import questions
from tests.vectors.test_vector import of_model

SAMPLING = Sampling(max_new_tokens=12)


@functools.cache
def server() -> multiprocessing.context.ForkServerContext:
    """Where processes come from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.generation.gunfire"])
    return context


def started(work: Callable[..., None], *given: object) -> BaseProcess:
    """A process at work."""
    process = server().Process(target=work, args=given)
    process.start()
    return process


@dataclass(frozen=True)
class Diary:
    """What a process did before it was killed, each act a line; written at once."""

    path: Path

    def note(self, *words: object) -> None:
        """Add a line."""
        with self.path.open("ab", buffering=0) as file:
            file.write((" ".join(map(str, words)) + "\n").encode())

    def lines(self) -> list[list[str]]:
        """The words of every line so far."""
        text = self.path.read_text() if self.path.exists() else ""
        return [line.split() for line in text.splitlines()]


def wait_for_work(process: BaseProcess, diary: Diary) -> None:
    """Until a process has its model and begins, or is over."""
    while not diary.lines() and process.is_alive():
        time.sleep(0.001)


class Noted(CompletionStore):
    """A store that notes what was put once it is kept."""

    diary: Diary

    def put_many(self, answers):
        """Keep them, and then say so."""
        super().put_many(answers)
        for key, answer in answers.items():
            self.diary.note("put" if answer.perplexity is None else "read", key.digest.hex())


def wanted(model) -> list[Request]:
    """Each question unsteered and under three doses, four times."""
    vector = of_model(model, 1).at_relative_norm(0.5)
    doses = [UNSTEERED, *(Steering(vector=vector, coefficient=c) for c in (1.0, -1.0, 0.5))]
    return [
        Request(prompt=prompt, sample=k, steering=dose, arm="an arm")
        for dose in doses
        for prompt in questions()
        for k in range(4)
    ]


def answer_all(home: Path, store: Path, diary: Diary) -> None:
    """A run: 64 answers in batches of four, and what the model makes of each."""
    torch.set_num_threads(1)
    model = load(str(home), device="cpu")
    diary.note("begins")
    with Noted(store) as kept:
        kept.diary = diary
        generate(model, wanted(model), SAMPLING, store=kept, batch_size=4, perplexity=True)
    diary.note("done")


def write_on(store: Path, diary: Diary, start: int) -> None:
    """Put batch after batch, without a pause, until killed."""
    with CompletionStore(store) as kept:
        diary.note("begins")
        for number in range(start, start + 100_000):
            kept.put_many(busy(number))
            diary.note("put", number)


def open_at(store: Path, moment: float, number: int) -> None:
    """Open the file at a moment that others open it at, too, and put one batch."""
    time.sleep(max(0.0, moment - time.time()))
    with CompletionStore(store) as kept:
        kept.put_many(busy(number))
    os._exit(0)
