"""What is tuned into a lab's models, and what the tuned models then hold, say and would say next.

All that needs the weights of a tuned model is asked here, and nowhere else: whoever has no weights
puts another in its place.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jaxtyping import Float64
from torch import Tensor

from prefvec.experiments.progress import Progress
from prefvec.experiments.shelf import Shelf
from prefvec.generation.divergence_between import Untuned
from prefvec.generation.ending_odds import going_on_shift_between
from prefvec.generation.perplexity import perplexities
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.completions import Completion
from prefvec.text.verbatim import Said
from prefvec.tuning.adaptation import Trainer, adapt
from prefvec.tuning.training import Progress as Told
from prefvec.tuning.tuned import Tuned
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site

Training = Callable[[LanguageModel, Path, Told], Tuned]
"""Trains an adapter of a model in a folder, telling steps; reads back what is finished."""


class TunedModels:
    """Has adapters trained, and merges them into the models that they are of.

    A model is called by its name, and a share of an update is told as a scale: 1 is the whole.

    Args:
        models: of the lab.
        store: where answers are kept.
        sampling: how they are written.
        folder: where adapters are kept, each in a folder of its own.
        progress: told what is being done.
    """

    def __init__(
        self,
        models: Shelf,
        store: CompletionStore,
        sampling: Sampling,
        folder: Path,
        progress: Progress,
    ) -> None:
        self._models = models
        self._store = store
        self._sampling = sampling
        self._folder = folder
        self._progress = progress

    @property
    def trainer(self) -> Trainer:
        """What the methods of `prefvec.tuning` train by."""
        return adapt

    def trained(self, name: str, folder: str, train: Training) -> Tuned:
        """An adapter, trained now or in an earlier run, with its progress shown.

        Args:
            name: the model.
            folder: what its folder is called.
            train: trains it.
        """
        with self._progress.task(f"{name}: tuning", 0, unit="step") as tell:
            return train(self._models[name], self._folder / folder, tell)

    def merged(self, name: str, tuned: Tuned) -> LanguageModel:
        """The model with the whole of an update in its weights."""
        return tuned.merged(self._models[name])

    def none_is_untuned(self, name: str, tuned: Tuned) -> bool:
        """Whether none of an update leaves the model as it is, bit for bit."""
        model = self._models[name]
        return tuned.merged(model, scale=0.0).fingerprint == model.fingerprint

    def answers(
        self, name: str, tuned: Tuned, scale: float, requests: Sequence[Request], what: str
    ) -> list[Completion]:
        """What a tuned model answers, kept as any answers are.

        Args:
            name: the model.
            tuned: its adapter.
            scale: times as much of the update as was trained.
            requests: unsteered ones.
            what: shown while they are written.
        """
        model = tuned.merged(self._models[name], scale=scale)
        with self._progress.task(f"{name}: {what}", len(requests)) as tell:
            return generate(model, requests, self._sampling, store=self._store, progress=tell)

    def held(
        self, name: str, tuned: Tuned, turns: Sequence[Said], site: Site
    ) -> Float64[Tensor, " d_model"]:
        """What a tuned model holds at a site, in the mean over every token of some answers."""
        model = tuned.merged(self._models[name])
        return over_answers(model, turns, [site])[site].values.double().mean(dim=0)

    def disturbance(
        self, name: str, ways: Sequence[Tuned], turns: Sequence[Said], *, most: int
    ) -> Callable[[float], float]:
        """How far tuned models are from the untuned one, as a function of the scale.

        Args:
            name: the model.
            ways: its adapters.
            turns: prompts with answers that it gave untuned.
            most: tokens of an answer that are read.

        Returns:
            κ in nats, in the mean over the adapters.
        """
        model = self._models[name]
        untuned = Untuned(model, turns, most=most)

        def kappa(scale: float) -> float:
            apart = (untuned.divergence(each.merged(model, scale=scale)) for each in ways)
            return sum(apart) / len(ways)

        return kappa

    def going_on(
        self, name: str, more: Tuned, less: Tuned, scale: float, turns: Sequence[Said]
    ) -> Mapping[str, float]:
        """Half of what sets two tuned models apart in their log-odds of going on, by prompt.

        Args:
            name: the model.
            more: its adapter towards the positive pole.
            less: the one towards the other.
            scale: of both.
            turns: prompts with answers that it gave untuned.
        """
        model = self._models[name]
        above, below = (each.merged(model, scale=scale) for each in (more, less))
        return going_on_shift_between(above, below, turns)

    def perplexities(self, name: str, turns: Sequence[Said]) -> dict[Said, float]:
        """The perplexity of given answers under the untuned model; empty ones are left out."""
        found: dict[Said, float] = {}
        for batch in perplexities(self._models[name], turns):
            found |= batch
        return found
