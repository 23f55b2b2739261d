"""The law that a rehearsal's models answer by, and that what they hold follows."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Float64
from numpy.typing import NDArray
from torch import Tensor

from prefvec.experiments.rehearsal.models import WIDTH, RehearsalModel
from prefvec.experiments.rehearsal.texts import number_of, text_of
from prefvec.generation.requests import Request
from prefvec.text.completions import Completion
from prefvec.text.traits import Trait
from prefvec.text.verbatim import Said
from prefvec.tuning.tuned import Tuned
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.steering import Steering

UNIT = 4.0
"""Norm of what disturbs by 1 nat, wherever it is added; a whole update of a tuned model does."""
PLAIN = 30.0
"""Words of an answer that nothing moves."""
_GAIN = 1.6
"""Log words at a disturbance of 1 nat, in the best block."""
_EARLY = 0.8
"""The best block is a little before the middle, the same one in models of equally many."""
_ASKED = 2.0


class Law:
    """What is said and held, as a function of what is asked and added.

    Args:
        traits: that are asked for; each has a coordinate of the residual stream for itself.
    """

    def __init__(self, traits: Iterable[Trait]) -> None:
        known = list(traits)
        self._places = {trait.name: place for place, trait in enumerate(known)}
        self._poles = {
            words: (place, sign)
            for place, trait in enumerate(known)
            for pole, sign in ((trait.positive, 1.0), (trait.negative, -1.0))
            for words in (*pole.extraction, *pole.held_out)
        }

    def moved(self, model: RehearsalModel, steering: Steering) -> float:
        """What steering adds to the logarithm of the words: most in the middle, none at an end."""
        vector = steering.vector
        if vector is None or not steering.coefficient:
            return 0.0
        depth = (vector.site.layer + 0.5) / model.n_layers
        norm = steering.coefficient * vector.norm / UNIT
        along = norm * float(vector.direction[: len(self._places)].sum())
        return _GAIN * math.sin(math.pi * depth**_EARLY) * along

    def moved_by_tuning(self, tuned: Tuned, scale: float) -> float:
        """What a share of an update adds to it: as much as a vector in the best block."""
        return math.copysign(_GAIN * scale, tuned.coefficient)

    def shift(self, tuned: Tuned, width: int) -> Float64[Tensor, " width"]:
        """What an update adds to the residual stream, at every site."""
        added = torch.zeros(width, dtype=torch.float64)
        added[self._places[tuned.trait]] = math.copysign(UNIT, tuned.coefficient)
        return added

    def answer(self, request: Request, moved: float, *what: object) -> Completion:
        """One answer.

        Args:
            request: what is asked.
            moved: what steering or tuning adds to the logarithm of its words.
            what: tells it from every other answer.
        """
        prompt = request.prompt
        _, asked = self._poles.get(prompt.instruction or "", (0, 0.0))
        level = 0.4 * noise(f"{prompt.id} {request.sample}") + moved + 0.7 * asked
        expected = PLAIN * math.exp(max(-3.0, min(3.0, level)))
        text = text_of(expected, *what)
        return Completion(
            prompt=prompt.id,
            sample=request.sample,
            text=text,
            n_tokens=len(text.split()),
            finish_reason="stop",
            arm=request.arm,
            coefficient=request.steering.coefficient,
            perplexity=10.0,
            expected_words=expected,
        )

    def held(self, model: RehearsalModel, site: Site, rows: Sequence[Said]) -> Activations:
        """The same latents in every model, and noise of its own; poles on the first coordinates."""
        ids = tuple(prompt.id for prompt, _ in rows)
        said = number_of(*(f"{prompt.id} {prompt.instruction}" for prompt, _ in rows))
        values: NDArray[np.float64] = np.zeros((len(rows), model.d_model))
        values[:, :WIDTH] = 0.5 * np.random.default_rng(said).normal(size=(len(rows), WIDTH))
        own = np.random.default_rng(number_of(model.name, str(site)))
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


def noise(*what: object) -> float:
    """Uniform between −1 and 1, a function of what it is for."""
    return number_of(*what) / 2**31 - 1
