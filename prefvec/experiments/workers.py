"""The workers that write a lab's answers, where a run asks for any."""

import torch

from prefvec.experiments.options import Options
from prefvec.generation.engines.on_ray import OnRay
from prefvec.generation.engines.processes import Processes
from prefvec.generation.engines.tasks import Engine
from prefvec.models.placement import choose_device


class Workers:
    """Started when the first answer is asked of them.

    Args:
        options: how many, and of which kind.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine | None:
        """The workers; None where this process writes all answers itself.

        Raises:
            PrefvecError: if they cannot be had.
        """
        count, kind = self._options.workers, self._options.engine
        if self._engine is None and kind == "ray":
            on_gpu = choose_device(self._options.device).type == "cuda"
            threads = max(1, torch.get_num_threads() // count)
            self._engine = OnRay(count, threads=threads, gpus=float(on_gpu))
        elif self._engine is None and count > 1:
            self._engine = Processes(count)
        return self._engine

    def close(self) -> None:
        """Let them go."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None
