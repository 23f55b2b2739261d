"""How far a tuned model's next tokens are from the model's that it was made of."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.generation.disturbance import NextTokens
from prefvec.generation.teacher_forcing import Batch, as_read_by, read_answers
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.steering import UNSTEERED


class Untuned:
    """A model's next-token distributions, which tuned ones are held against.

    κ is what it is for a vector (`disturbance`): the symmetrised Kullback–Leibler divergence, in
    nats, in the mean over the positions of given answers.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer that it gave. Every position counts alike.
        most: positions of an answer that are read, from its first; None reads them all.

    Raises:
        PrefvecError: if there are no turns.

    Example:
        >>> from prefvec.generation.divergence_between import Untuned
        >>> Untuned(source, answers.at(0).turns[:2], most=8).divergence(source)
        0.0
    """

    def __init__(
        self, model: LanguageModel, turns: Sequence[Said], *, most: int | None = None
    ) -> None:
        if not turns:
            raise PrefvecError(
                "There are no answers to read, so no model can be told from another. Give some "
                "that the model gave untuned."
            )
        self._turns, self._most = list(turns), most
        self._own = [NextTokens.of(logits) for logits in self._read(model)]

    def divergence(self, *others: LanguageModel) -> float:
        """κ, in the mean over some other models of the same tokenizer.

        Args:
            others: e.g. the one tuned towards either pole.
        """
        sums = [
            own.divergence(logits)
            for other in others
            for own, logits in zip(self._own, self._read(other), strict=True)
        ]
        return sum(sums) / (len(others) * sum(map(len, self._own)))

    def _read(self, model: LanguageModel) -> list[Float[Tensor, "tokens vocabulary"]]:
        own = as_read_by(model, self._turns)

        def measure(batch: Batch) -> list[Tensor]:
            return [logits.clone() for logits in batch.logits(UNSTEERED)]

        with torch.inference_mode():
            found = read_answers(
                model, own, [], measure, passes=2, batch_size=None, most=self._most
            )
        return [found[turn] for turn in own]
