"""Workers that are processes of this machine, each with a share of its cores or a GPU."""

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.queues import Queue

import torch

from prefvec.errors import PrefvecError
from prefvec.generation.closing import Closing
from prefvec.generation.engines.tasks import RETRIES, Task, Worker
from prefvec.generation.store import Answer, CompletionKey


class Processes(Closing):
    """As many processes as are asked for, started with the first task; a context manager.

    Cores are divided among them; where there are several GPUs, each process has one to itself.
    A process that is lost, such as one that the system kills for its memory, is replaced, and what
    it was at is given out again.

    Args:
        workers: how many.

    Raises:
        PrefvecError: if there is none.

    Example:
        with Processes(2) as engine:
            generate_by(engine, source, model, requests, sampling, store=store)
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise PrefvecError(f"{workers} workers write nothing. Ask for at least one.")
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def close(self) -> None:
        """Let the processes go; what they are at is finished first and thrown away."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def written(self, tasks: Sequence[Task]) -> Iterator[Mapping[CompletionKey, Answer]]:
        """What came of each task, as they are finished.

        Raises:
            PrefvecError: if a task cannot be done, or processes are lost too often.
        """
        lost, waiting = 0, [*tasks]
        while waiting:
            pending = dict[Future[dict[CompletionKey, Answer]], Task]()
            try:
                for task in waiting:
                    pending[self._started().submit(_write, task)] = task
                while pending:
                    done, _ = wait(pending, return_when=FIRST_COMPLETED)
                    for future in done:
                        answers = future.result()
                        waiting.remove(pending.pop(future))
                        yield answers
            except BrokenProcessPool as error:
                self._pool, lost = None, lost + 1
                if lost > RETRIES:
                    raise PrefvecError(
                        f"Processes were lost {lost} times while answers were written; it may be "
                        "that the system kills them for their memory. Ask for fewer --workers. "
                        "What was finished is kept."
                    ) from error
            finally:
                for future in pending:
                    future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            gpus = torch.cuda.device_count()
            places: Queue[int] = context.Queue()
            for place in range(self.workers):
                places.put(place)
            threads = max(1, torch.get_num_threads() // self.workers)
            self._pool = ProcessPoolExecutor(
                self.workers, context, initializer=_begin, initargs=(places, threads, gpus)
            )
        return self._pool


_worker = Worker()


def _begin(places: "Queue[int]", threads: int, gpus: int) -> None:
    """What a process does first: take its share of the machine."""
    if gpus > 1:  # seen by torch when it first looks for devices
        os.environ["CUDA_VISIBLE_DEVICES"] = str(places.get() % gpus)
    torch.set_num_threads(threads)


def _write(task: Task) -> dict[CompletionKey, Answer]:
    return _worker.write(task)
