"""A lab that writes down what it is asked for, and has models and judges that are a law."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from prefvec.experiments.lab import Lab
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.experiments.progress import Told
from prefvec.experiments.rehearsal.judge import rehearsed_judges
from prefvec.experiments.rehearsal.law import UNIT, Law, noise
from prefvec.experiments.rehearsal.ledger import Ledger
from prefvec.experiments.rehearsal.models import RehearsalShelf
from prefvec.experiments.rehearsal.tuning import RehearsalTunedModels
from prefvec.generation.requests import Request
from prefvec.generation.store import CompletionStore
from prefvec.judging.judge import Judge
from prefvec.judging.replies import ReplyStore
from prefvec.models.outlines import Outline
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS
from prefvec.text.metrics import sentence_ends
from prefvec.text.traits import Trait
from prefvec.text.verbatim import Said, text_of
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

_FLOAT32 = 4


class RehearsalLab(Lab):
    """Nothing is loaded, asked or written: answers, marks and trainings are counted.

    What a run may pay its judges for is no limit here, for it is to be told what it takes.

    Args:
        options: of the run.
        store: stays empty.
        outline: tells a model in outline.
        material: what is put to the models; that of the options when None.

    Attributes:
        ledger: what was asked for.
    """

    models: RehearsalShelf  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self,
        options: Options,
        store: CompletionStore,
        outline: Callable[[str], Outline],
        *,
        material: Material | None = None,
    ) -> None:
        unlimited = replace(options, judge_budget=None)
        super().__init__(unlimited, store, material=_in_words(material or Material.of(options)))
        self.models = RehearsalShelf(options, outline)
        self.ledger = Ledger()
        self._law = Law(self.material.traits.values())

    @cached_property
    def judges(self) -> tuple[Judge, ...]:
        """A stand-in for each judge of the run."""
        return rehearsed_judges(self.options, self.ledger)

    @cached_property
    def tuned_models(self) -> RehearsalTunedModels:
        """Stand-ins, too."""
        return RehearsalTunedModels(
            self.models,
            self.store,
            self.sampling,
            self.options.store.parent / "tuned",
            self._progress,
            law=self._law,
            ledger=self.ledger,
        )

    @cached_property
    def _replies(self) -> ReplyStore:
        return ReplyStore(":memory:")

    def ask(
        self, name: str, requests: Sequence[Request], what: str, *, perplexity: bool = False
    ) -> list[Completion]:
        """Answers by the law; each that was not asked for before is written down."""
        model, asked, moved = self.models[name], self.ledger.answers[name], dict[int, float]()
        answers: list[Completion] = []
        for request in requests:
            steering, prompt = request.steering, request.prompt
            if id(steering) not in moved:
                moved[id(steering)] = self._law.moved(model, steering)
            key = prompt.id, prompt.instruction, request.sample, steering.fingerprint
            asked.add(key)
            answers.append(self._law.answer(request, moved[id(steering)], name, *key))
        return answers

    def kept(
        self,
        what: str,
        name: str,
        turns: Sequence[Said],
        read: Callable[[Told], Mapping[Site, Activations]],
    ) -> Mapping[Site, Activations]:
        """Residuals by the law, as many rows as the model would be read in."""
        model = self.models[name]
        rows = [
            turn for turn in turns for _ in range(_positions(turn) if "sentences" in what else 1)
        ]
        outline = model.outline
        self.ledger.bytes_held += len(rows) * outline.n_layers * outline.d_model * _FLOAT32
        return {site: self._law.held(model, site, rows) for site in self.sites(name)}

    def at_disturbance(
        self,
        name: str,
        turns: Sequence[Said],
        vectors: Sequence[PreferenceVector],
        kappas: Sequence[float],
        *,
        most: int,
        positions: Positions = "answer",
    ) -> list[dict[float, PreferenceVector]]:
        """Doses by the law: κ is the square of the norm in its own unit, wherever it is added."""
        return [{k: replace(v, norm=math.sqrt(k) * UNIT) for k in kappas} for v in vectors]

    def going_on_shifts(
        self, name: str, turns: Sequence[Said], steerings: Sequence[Steering]
    ) -> list[dict[str, float]]:
        """As much as the words move, and a little noise."""
        moved = [self._law.moved(self.models[name], steering) for steering in steerings]
        return [{prompt.id: by + 0.01 * noise(prompt.id) for prompt, _ in turns} for by in moved]

    def identity_holds(
        self, name: str, vector: PreferenceVector, positions: Positions = "answer"
    ) -> bool:
        """It does; the dozen answers that it takes are not kept, and not counted."""
        return True


class _InWords(Material):
    """Material whose answers show the pole that they were asked for, whatever a world knows."""

    def poles_shown(self, trait: str, answers: Sequence[Completion]) -> None:
        """No world knows it of a text that follows the law."""


def _in_words(material: Material) -> Material:
    """The same material, every trait of which is counted in words: the law knows nothing else."""
    traits = {name: _counted(trait) for name, trait in material.traits.items()}
    return _InWords(
        subject=material.subject,
        splits=material.splits,
        trait=traits[material.trait.name],
        traits=traits,
        cluster=material.cluster,
    )


def _counted(trait: Trait) -> Trait:
    """Its positive pole is the longer one, and gets the high marks."""
    rubrics = trait.rubrics and replace(trait.rubrics, higher=1)
    return replace(trait, measure=replace(WORDS, name=trait.measure.name), rubrics=rubrics)


def _positions(turn: Said) -> int:
    text = text_of(turn[1])
    return len(set(sentence_ends(text)) & set(range(1, len(text) + 1)))
