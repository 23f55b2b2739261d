"""A vector with a dose: what is added to the residual stream, and when."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector, require_positions
from prefvec.vocabulary import Positions

NOTHING = "unsteered"
"""Fingerprint of every steering that adds nothing."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Steering:
    """How generation is moved.

    Attributes:
        vector: what is added; None for nothing.
        coefficient: the dose, in units of the vector; negative steers the other way.
        positions: which token positions it is added at.

    Raises:
        PrefvecError: if the coefficient is not finite, or not 0 without a vector, or if the
            positions are none of `Positions`.

    Example:
        >>> zero = pv.Steering(vector=vector.middle, coefficient=0.0)
        >>> zero.fingerprint == pv.UNSTEERED.fingerprint
        True
    """

    vector: PreferenceVector | None
    coefficient: float
    positions: Positions = "answer"

    def __post_init__(self) -> None:
        if not math.isfinite(self.coefficient) or (self.vector is None and self.coefficient):
            raise PrefvecError(
                f"The coefficient {self.coefficient} cannot be applied. It must be finite, and 0 "
                "where there is no vector."
            )
        require_positions(self.positions)

    @property
    def before_answer(self) -> "Steering":
        """What is added at the tokens of the prompt before its last: this, or nothing."""
        return self if self.positions == "all" else UNSTEERED

    @property
    def site(self) -> Site | None:
        """Where anything is added; None where nothing is."""
        return None if self.vector is None or not self.coefficient else self.vector.site

    def delta(self) -> Float[Tensor, " d_model"] | None:
        """What is added at the site, in residual units: coefficient x norm x direction.

        None where nothing is added.
        """
        if self.vector is None or self.coefficient == 0:
            return None
        return self.coefficient * self.vector.norm * self.vector.direction

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of what is added, in which model and where; not of how it was found.

        Two steerings that add the same are the same steering: a vector at -1 and its negative
        at +1 share a fingerprint, and everything at coefficient 0 is unsteered.
        """
        delta = self.delta()
        if self.vector is None or delta is None:
            return NOTHING
        space = self.vector.space
        where = f"{space.model} {space.tokenizer} {space.site} {self.positions}"
        return hashlib.sha256(where.encode() + delta.numpy().tobytes()).hexdigest()[:16]

    def require(self, model: LanguageModel) -> None:
        """Assert that this may steer the model.

        Raises:
            PrefvecError: if the vector belongs to another model, or the site is not there.
        """
        if self.vector is not None:
            self.vector.require(model)
            self.vector.site.require(model)


UNSTEERED = Steering(vector=None, coefficient=0.0)
"""The zero of steering."""


def deltas(
    model: LanguageModel, steerings: Sequence[Steering]
) -> dict[Site, Float[Tensor, "steerings d_model"]]:
    """For each site what each steering adds there, in residual units; zero where nothing.

    Sites at which none of them adds anything are left out.

    Args:
        model: that is steered, whose device and number type they come in.
        steerings: of the model.
    """
    tables: dict[Site, Tensor] = {}
    for i, steering in enumerate(steerings):
        delta = steering.delta()
        if steering.vector is None or delta is None:
            continue
        site = steering.vector.site
        if site not in tables:
            tables[site] = torch.zeros(len(steerings), model.d_model)
        tables[site][i] = delta
    return {site: table.to(model.device, model.dtype) for site, table in tables.items()}
