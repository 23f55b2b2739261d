"""Workers that are actors of a Ray cluster, on as many machines as it has."""

import importlib
import os
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.generation.closing import Closing
from prefvec.generation.engines import NO_RAY
from prefvec.generation.engines.tasks import RETRIES, Task, Worker
from prefvec.generation.store import Answer, CompletionKey

PATIENCE = 300.0
"""Seconds for which a cluster may have room for no worker at all."""

ANSWERING = 10.0
"""Seconds within which the head of a named cluster answers. Ray itself tries for ten minutes."""


class OnRay(Closing):
    """Actors that load a model once and write task after task; a context manager.

    Every machine of the cluster has prefvec, and the models' files where this one has them. The
    cluster is that of RAY_ADDRESS or of `ray start` on this machine; where neither is there, Ray is
    started here. An actor that is lost with its machine is replaced where there is room, and its
    task is given to another; where one actor after the other is lost before it has begun, the
    run stops.

    Args:
        workers: how many actors at most.
        threads: cores of each; its share of torch's threads.
        gpus: of each.

    Raises:
        PrefvecError: if Ray is not installed, the cluster of RAY_ADDRESS cannot be reached, or Ray
            cannot be started here.

    Example:
        with OnRay(2) as engine:
            generate_by(engine, source, model, requests, sampling, store=store)
    """

    def __init__(self, workers: int, *, threads: int = 1, gpus: float = 0.0) -> None:
        self.workers = workers
        self._threads, self._gpus = threads, gpus
        self._ray = _ray()
        self._mine = not self._ray.is_initialized()
        if self._mine:
            self._connect()
        self._actors: list[Any] = []

    def _connect(self) -> None:
        quietly: dict[str, Any] = {"log_to_driver": False, "logging_level": "warning"}
        named = os.environ.get("RAY_ADDRESS")
        try:
            _require_answering(named or "")
            try:
                self._ray.init(address="auto", **quietly)
            except ConnectionError:
                if named:
                    raise
                self._ray.init(address="local", include_dashboard=False, **quietly)
        except Exception as error:
            if named:
                raise PrefvecError(
                    f"The Ray cluster at RAY_ADDRESS, {named}, cannot be reached ({error}). See to "
                    "`ray status` there, or unset RAY_ADDRESS to use this machine alone."
                ) from error
            raise PrefvecError(
                f"Ray can neither be reached nor started on this machine ({error}). See to `ray "
                "status`, run `ray stop`, or use --workers N without --engine ray."
            ) from error

    def close(self) -> None:
        """Let the actors go, and the cluster where this object went to it."""
        for actor in self._actors:
            self._ray.kill(actor)
        self._actors = []
        if self._mine and self._ray.is_initialized():
            self._ray.shutdown()

    def written(self, tasks: Sequence[Task]) -> Iterator[Mapping[CompletionKey, Answer]]:
        """What came of each task, as they are finished.

        Raises:
            PrefvecError: if a task cannot be done, or is lost too often; if workers are lost before
                they have begun, or the cluster has room for none.
        """
        waiting, lost = deque(tasks), Counter[int]()
        beginning, unborn = set[int](), 0
        at: dict[Any, tuple[Any, Task | None]] = {}
        for actor in self._actors[: len(tasks)]:
            at[actor.ready.remote()] = actor, None
        heard, left = time.monotonic(), len(tasks)
        while left:
            while len(at) < min(self.workers, left):
                actor = self._new()
                beginning.add(id(actor))
                at[actor.ready.remote()] = actor, None
            done, _ = self._ray.wait([*at], timeout=1.0)
            if not done:
                busy = any(task for _, task in at.values())
                heard = time.monotonic() if busy else heard
                self._require_room(heard)
                continue
            heard = time.monotonic()
            actor, task = at.pop(done[0])
            try:
                answers = self._ray.get(done[0])
            except self._ray.exceptions.RayActorError as error:
                self._actors = [one for one in self._actors if one is not actor]
                if task is not None:
                    lost[id(task)] += 1
                    _require_few(lost[id(task)])
                    waiting.appendleft(task)
                elif id(actor) in beginning:
                    beginning.remove(id(actor))
                    unborn += 1
                    _require_born(unborn, error)
                continue
            except self._ray.exceptions.RayTaskError as error:
                raise PrefvecError(_told(error)) from error
            if id(actor) in beginning:
                beginning.remove(id(actor))
                unborn = 0
            if waiting:
                following = waiting.popleft()
                at[actor.write.remote(following)] = actor, following
            if task is not None:
                left -= 1
                yield answers

    def _new(self) -> Any:
        remote = self._ray.remote(num_cpus=self._threads, num_gpus=self._gpus)
        actor = remote(_Actor).remote(self._threads)
        self._actors.append(actor)
        return actor

    def _require_room(self, heard: float) -> None:
        if time.monotonic() - heard > PATIENCE:
            raise PrefvecError(
                f"The Ray cluster has had no room for a worker of {self._threads} cores and "
                f"{self._gpus:g} GPUs for {PATIENCE:.0f} s: it has "
                f"{self._ray.available_resources()}. Wait for room, or ask for less."
            )


class _Actor:
    """A worker on some machine of the cluster."""

    def __init__(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self._worker = Worker()

    def ready(self) -> None:
        """Say that it is there."""

    def write(self, task: Task) -> dict[CompletionKey, Answer]:
        """The answers of a task."""
        return self._worker.write(task)


def _require_answering(address: str) -> None:
    """Have an address of the form host:port taken by somebody; others are left to Ray.

    Raises:
        OSError: if nobody does.
    """
    host, _, port = address.rpartition(":")
    if host and "/" not in host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERING).close()


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise PrefvecError(NO_RAY) from error


def _require_few(times: int) -> None:
    if times > RETRIES:
        raise PrefvecError(
            f"The same task was lost with {times} workers: it may be that they run out of memory. "
            "See to the cluster's logs. What was finished is kept."
        )


def _require_born(times: int, error: Any) -> None:
    if times > RETRIES:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        last = lines[-1].rstrip(".") if lines else type(error).__name__
        raise PrefvecError(
            f"{times} workers were lost one after the other before they had begun ({last}). Every "
            "machine of the cluster needs the same prefvec, torch and transformers; see to its "
            "logs. What was finished is kept."
        ) from error


def _told(error: Any) -> str:
    """What the worker raised, without the course of its calls."""
    cause = getattr(error, "cause", None)
    return str(cause) if isinstance(cause, PrefvecError) else str(error)
