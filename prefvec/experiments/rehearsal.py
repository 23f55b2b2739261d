"""The claims measured without a model: what they would ask, and how much.

The measuring code itself runs, against models that are nothing but a law: what is added lengthens
answers most in the middle blocks, no dose breaks them, and residuals hold what was asked for. So a
plan counts what a run asks, whatever the code that asks it becomes. How many cells a search tries
depends on answers, and is what this law makes it: no fewer than of most models.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from prefvec.checks.model_checks import CheckResult
from prefvec.experiments.lab import Lab
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.experiments.shelf import Shelf
from prefvec.generation.requests import Request
from prefvec.generation.store import CompletionStore
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.models.outlines import Outline
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS
from prefvec.text.metrics import sentence_ends
from prefvec.text.prompts import Prompt
from prefvec.text.traits import Trait
from prefvec.text.verbatim import Reply, Said, text_of
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions

WIDTH = 48
"""Of the narrowest model of a rehearsal; the next wider one has a few coordinates more."""
_WIDER = 4
_GAIN = 1.6
"""Log words at a disturbance of 1 nat, in the best block."""
_EARLY = 0.8
"""The best block is a little before the middle, the same one in models of equally many."""
_ASKED = 2.0
_SCALE = 4.0
_FLOAT32 = 4
_TEXT = "It is said in a few words. And then in some more."


@dataclass
class Ledger:
    """What was asked for.

    Attributes:
        answers: distinct answers, by model.
        bytes_held: activations that would be kept, in bytes.
    """

    answers: defaultdict[str, set[tuple[object, ...]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    bytes_held: int = 0


class RehearsalModel(LanguageModel):
    """A model that has a name, a width and a number of blocks, and no weights.

    Args:
        name: what it is called.
        outline: of the model that it stands for.
        width: of its residual stream here.
    """

    outline: Outline
    width: int

    def __init__(self, name: str, outline: Outline, width: int) -> None:
        known = {"name": name, "outline": outline, "width": width}
        known |= {"fingerprint": name, "tokenizer_fingerprint": "rehearsed"}
        for key, value in known.items():
            object.__setattr__(self, key, value)

    @property
    def n_layers(self) -> int:
        """As many blocks as the model has."""
        return self.outline.n_layers

    @property
    def d_model(self) -> int:
        """Narrower than the model, and as wide as another one if that is as wide as the model."""
        return self.width

    def encode_turn(self, prompt: Prompt, answer: Reply, *, closed: bool = False) -> Turn:
        """A token for each character."""
        length = len(text_of(answer))
        return Turn(ids=[0] * length, answer_start=0, answer_ends=[*range(1, length + 1)])


class RehearsalShelf(Shelf):
    """All models at once, none of them loaded.

    Args:
        options: of the run.
        outline: tells a model in outline.
    """

    def __init__(self, options: Options, outline: Callable[[str], Outline]) -> None:
        super().__init__(options)
        self._outline = outline
        self._known: dict[str, RehearsalModel] = {}
        self._widths: dict[int, int] = {}

    def __getitem__(self, name: str) -> RehearsalModel:
        """The model, a stand-in of its outline."""
        if name not in self._known:
            outline = self._outline(name)
            width = self._widths.setdefault(outline.d_model, WIDTH + _WIDER * len(self._widths))
            self._known[name] = RehearsalModel(name, outline, width)
        return self._known[name]

    def checked(self, name: str) -> list[CheckResult]:
        """No check, so none that fails."""
        return []

    def width(self, name: str) -> int:
        """Of the stand-in."""
        return self[name].d_model

    def asked_in(self, name: str) -> Literal["chat", "plain"]:
        """As the model is asked."""
        return self[name].outline.kind


class RehearsalLab(Lab):
    """A lab that writes down what it is asked for, and answers by the law.

    Args:
        options: of the run.
        store: stays empty.
        outline: tells a model in outline.
        material: what is put to the models; that of the options when None.
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
        super().__init__(options, store, material=_in_words(material or Material.of(options)))
        self.models = RehearsalShelf(options, outline)
        self.judges = ()
        self.ledger = Ledger()
        self._poles = {
            words: (place, sign)
            for place, trait in enumerate(self.material.traits.values())
            for pole, sign in ((trait.positive, 1.0), (trait.negative, -1.0))
            for words in (*pole.extraction, *pole.held_out)
        }

    def ask(
        self, name: str, requests: Sequence[Request], what: str, *, perplexity: bool = False
    ) -> list[Completion]:
        """Answers by the law; each that was not asked for before is written down."""
        asked, moved = self.ledger.answers[name], dict[int, float]()
        answers: list[Completion] = []
        for request in requests:
            steering, prompt = request.steering, request.prompt
            if id(steering) not in moved:
                moved[id(steering)] = self._moved(name, steering)
            asked.add((prompt.id, prompt.instruction, request.sample, steering.fingerprint))
            answers.append(self._answer(request, moved[id(steering)]))
        return answers

    def kept(
        self,
        what: str,
        name: str,
        turns: Sequence[Said],
        read: Callable[[], dict[Site, Activations]],
    ) -> dict[Site, Activations]:
        """Residuals by the law, as many rows as the model would be read in."""
        model = self.models[name]
        rows = [
            turn for turn in turns for _ in range(_positions(turn) if "sentences" in what else 1)
        ]
        outline = model.outline
        self.ledger.bytes_held += len(rows) * outline.n_layers * outline.d_model * _FLOAT32
        return {site: self._held(model, site, rows) for site in self.sites(name)}

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
        return [{k: replace(v, norm=math.sqrt(k) * _SCALE) for k in kappas} for v in vectors]

    def going_on_shift(
        self, name: str, turns: Sequence[Said], steering: Steering
    ) -> dict[str, float]:
        """As much as the words move, and a little noise."""
        moved = self._moved(name, steering)
        return {prompt.id: moved + 0.01 * _noise(prompt.id) for prompt, _ in turns}

    def identity_holds(
        self, name: str, vector: PreferenceVector, positions: Positions = "answer"
    ) -> bool:
        """It does; the dozen answers that it takes are not kept, and not counted."""
        return True

    def _answer(self, request: Request, moved: float) -> Completion:
        prompt = request.prompt
        _, asked = self._poles.get(prompt.instruction or "", (0, 0.0))
        level = 0.4 * _noise(f"{prompt.id} {request.sample}") + moved + 0.7 * asked
        return Completion(
            prompt=prompt.id,
            sample=request.sample,
            text=_TEXT,
            n_tokens=len(_TEXT.split()),
            finish_reason="stop",
            arm=request.arm,
            coefficient=request.steering.coefficient,
            perplexity=10.0,
            expected_words=30 * math.exp(max(-3.0, min(3.0, level))),
        )

    def _moved(self, name: str, steering: Steering) -> float:
        """What steering adds to the logarithm of the words: most in the middle, none at an end."""
        vector = steering.vector
        if vector is None or not steering.coefficient:
            return 0.0
        depth = (vector.site.layer + 0.5) / self.models[name].n_layers
        norm = steering.coefficient * vector.norm / _SCALE
        along = norm * float(vector.direction[: len(self.material.traits)].sum())
        return _GAIN * math.sin(math.pi * depth**_EARLY) * along

    def _held(self, model: RehearsalModel, site: Site, rows: Sequence[Said]) -> Activations:
        """The same latents in every model, and noise of its own; poles on the first coordinates."""
        ids = tuple(prompt.id for prompt, _ in rows)
        said = _seed(*(f"{prompt.id} {prompt.instruction}" for prompt, _ in rows))
        values: NDArray[np.float64] = np.zeros((len(rows), model.d_model))
        values[:, :WIDTH] = 0.5 * np.random.default_rng(said).normal(size=(len(rows), WIDTH))
        own = np.random.default_rng(_seed(model.name, str(site)))
        values += 0.05 * own.normal(size=values.shape)
        for row, (prompt, _) in enumerate(rows):
            place, sign = self._poles.get(prompt.instruction or "", (0, 0.0))
            values[row, place] += _ASKED * sign
        return Activations(
            values=torch.tensor(values, dtype=torch.float32),
            space=Space.of(model, site),
            ids=ids,
            positions="rehearsed",
            mean_norm=float(np.linalg.norm(values, axis=1).mean()),
        )


def _in_words(material: Material) -> Material:
    """The same material, every trait of which is counted in words: the law knows nothing else."""
    traits = {name: _counted(trait) for name, trait in material.traits.items()}
    return replace(material, trait=traits[material.trait.name], traits=traits)


def _counted(trait: Trait) -> Trait:
    return replace(trait, measure=replace(WORDS, name=trait.measure.name))


def _positions(turn: Said) -> int:
    text = text_of(turn[1])
    return len(set(sentence_ends(text)) & set(range(1, len(text) + 1)))


def _noise(*what: str) -> float:
    """Uniform between −1 and 1, a function of what it is for."""
    return zlib.crc32("\0".join(what).encode()) / 2**31 - 1


def _seed(*what: str) -> int:
    return zlib.crc32("\0".join(what).encode())
