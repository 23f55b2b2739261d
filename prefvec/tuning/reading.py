"""What a model with adapters holds and says at response positions."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.models.language_model import LanguageModel
from prefvec.text.traits import PoleName
from prefvec.tuning.contrasts import Contrast
from prefvec.tuning.lora import TUNED, Adapters
from prefvec.tuning.losses import log_likelihoods
from prefvec.tuning.recipe import Precision
from prefvec.tuning.responses import Responses, Spoken
from prefvec.vectors.partial_passes import stopping_after
from prefvec.vectors.residual import Site, read


@dataclass(frozen=True, kw_only=True, eq=False)
class Reader:
    """Reads answers by the tuned adapter, by another, or by the base model.

    Attributes:
        model: the base model.
        adapters: what is put into it.
        sites: where it is read.
        precision: numbers that it computes in.
    """

    model: LanguageModel
    adapters: Adapters
    sites: tuple[Site, ...]
    precision: Precision

    def base(
        self, batch: Sequence[Contrast], pole: PoleName | None, adapter: str | None = None
    ) -> list[Float[Tensor, "n d_model"]]:
        """What the base model, or another adapter, holds under a pole's prompt, by site."""
        with torch.no_grad(), self.adapters.using(adapter):
            return self._held(batch, pole, gradients=False)

    def tuned(self, batch: Sequence[Contrast]) -> list[Float[Tensor, "n d_model"]]:
        """What the tuned model holds without an instruction, for training."""
        with self.adapters.using(TUNED), self.adapters.dropping():
            return self._held(batch, None, gradients=True)

    def says(self, spoken: Sequence[Spoken]) -> Float[Tensor, " count"]:
        """Mean log-likelihood of each answer by the tuned model, in nats per token."""
        responses = Responses.of(self.model, spoken)
        with self.adapters.using(TUNED), self.adapters.dropping(), self._numbers():
            output = self.model.network(
                **responses.inputs, use_cache=False, logits_to_keep=responses.last_columns
            )
        said = responses.predicting(output.logits)
        return log_likelihoods(said, responses.labels, responses.answers, len(spoken))

    def _held(
        self, batch: Sequence[Contrast], pole: PoleName | None, *, gradients: bool
    ) -> list[Float[Tensor, "n d_model"]]:
        responses = Responses.of(self.model, [each.spoken(pole) for each in batch])
        with (
            self._numbers(),
            read(self.model, self.sites, gradients=gradients) as reading,
            stopping_after(self.model, self.sites),
        ):
            self.model.network.base_model(**responses.inputs, use_cache=False)
        return [responses.rows(reading[site]) for site in self.sites]

    def _numbers(self) -> contextlib.AbstractContextManager[object]:
        """Entered anew for each pass: casts kept from one without gradients would have none."""
        if self.precision == "float32":
            return contextlib.nullcontext()
        return torch.autocast(self.model.device.type, torch.bfloat16)
