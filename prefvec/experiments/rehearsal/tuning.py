"""Tuned models of a rehearsal: trainings are written down, and an update is something added."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jaxtyping import Float64
from torch import Tensor

from prefvec.experiments.progress import Progress
from prefvec.experiments.rehearsal.law import Law, noise
from prefvec.experiments.rehearsal.ledger import Ledger
from prefvec.experiments.rehearsal.models import RehearsalShelf
from prefvec.experiments.tuned_models import TunedModels
from prefvec.generation.requests import Request, Sampling
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.completions import Completion
from prefvec.text.verbatim import Said
from prefvec.tuning.adaptation import Adaptation, Trainer
from prefvec.tuning.objectives import Objective
from prefvec.tuning.placement import Placement
from prefvec.tuning.reading import Reader
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.training import Progress as Told
from prefvec.tuning.tuned import Tuned
from prefvec.vectors.residual import Site


class RehearsalTunedModels(TunedModels):
    """Writes down what would be trained, and answers for tuned models by the law.

    Args:
        models: stand-ins.
        store: stays empty.
        sampling: of the run.
        folder: where adapters would be kept.
        progress: told what is being done.
        law: that models answer by.
        ledger: where trainings and answers are written down.
    """

    def __init__(
        self,
        models: RehearsalShelf,
        store: CompletionStore,
        sampling: Sampling,
        folder: Path,
        progress: Progress,
        *,
        law: Law,
        ledger: Ledger,
    ) -> None:
        super().__init__(models, store, sampling, folder, progress)
        self._law = law
        self._ledger = ledger

    @property
    def trainer(self) -> Trainer:
        """Writes a training down in the place of doing it."""
        return self._written_down

    def merged(self, name: str, tuned: Tuned) -> LanguageModel:
        """The stand-in of the model, which has no weights to merge anything into."""
        return self._models[name]

    def none_is_untuned(self, name: str, tuned: Tuned) -> bool:
        """It is."""
        return True

    def answers(
        self, name: str, tuned: Tuned, scale: float, requests: Sequence[Request], what: str
    ) -> list[Completion]:
        """Answers by the law; each that was not asked for before is written down."""
        asked, moved = self._ledger.answers[name], self._law.moved_by_tuning(tuned, scale)
        answers: list[Completion] = []
        for request in requests:
            prompt, by = request.prompt, f"{scale:g} × {tuned.folder}"
            key = prompt.id, prompt.instruction, request.sample, by
            asked.add(key)
            answers.append(self._law.answer(request, moved, name, *key))
        return answers

    def held(
        self, name: str, tuned: Tuned, turns: Sequence[Said], site: Site
    ) -> Float64[Tensor, " d_model"]:
        """What the update adds, and nothing besides: of two models only the difference counts."""
        return self._law.shift(tuned, self._models[name].d_model)

    def disturbance(
        self, name: str, ways: Sequence[Tuned], turns: Sequence[Said], *, most: int
    ) -> Callable[[float], float]:
        """κ is the square of the share, and 1 nat at the whole."""
        return lambda scale: scale**2

    def going_on(
        self, name: str, more: Tuned, less: Tuned, scale: float, turns: Sequence[Said]
    ) -> Mapping[str, float]:
        """As much as the words move, and a little noise."""
        above, below = (self._law.moved_by_tuning(each, scale) for each in (more, less))
        return {p.id: (above - below) / 2 + 0.01 * noise(p.id) for p, _ in turns}

    def perplexities(self, name: str, turns: Sequence[Said]) -> dict[Said, float]:
        """Every answer as likely as any other."""
        return dict.fromkeys(turns, 10.0)

    def _written_down(
        self,
        model: LanguageModel,
        what: Adaptation,
        objective: Callable[[Reader], Objective],
        folder: Path,
        *,
        placement: Placement,
        recipe: Recipe,
        progress: Told | None = None,
    ) -> Tuned:
        self._ledger.trainings[model.name].setdefault(folder, recipe)
        return what.tuned(model, folder, training="rehearsed", losses=(1.0,))
