"""A model that takes its time on a node of a cluster; imported there, so not part of a test."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from prefvec.models.language_model import LanguageModel
from prefvec.organisms.model_source import NamedSource


@dataclass(frozen=True, kw_only=True)
class Slowly:
    """A model that takes its time, and leaves word where it is."""

    name: str
    marks: Path
    seconds: float

    def __call__(self) -> LanguageModel:
        """The model, with a pause before each step."""
        import ray

        model = NamedSource(name=self.name, device="cpu")()
        node = ray.get_runtime_context().get_node_id()
        (self.marks / f"{node}-{os.getpid()}").touch()

        def wait(*_: object) -> None:
            time.sleep(self.seconds)

        model.network.register_forward_pre_hook(wait)
        return model
