"""What every adapter does: it maps points, and it carries directions."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.residual import Space
from prefvec.vectors.vector import PreferenceVector, unit

ROUNDING = 1e-6
"""An image this short, relative to the map's gain, is what rounding to float32 leaves."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Adapter(ABC):
    """A fitted map between residual spaces, and how it was judged.

    Attributes:
        source: where points come from.
        target: where they go.
        method: the estimator, e.g. "ridge".
        rows: pairs the map was fitted on.
        read_from: ids of the prompts that those rows were read from, under whatever instruction.
        effective_rank: of the centred source rows (concept deltas: as they are), from 1 to the
            smaller of rows and width: the exponential of the entropy of their singular values
            (Roy and Vetterli 2007); None without rows.
        support: orthonormal source directions that the map rests on. For full-rank maps the
            principal directions of the rows, as many as hold `linear_algebra.HELD` of their
            variance; for maps of lower rank the directions they read.
        r2_held_out: share of the target's variance explained on prompts the fit did not see.
        r2_shuffled: the same after the pairs were shuffled.
        penalty: ridge penalty relative to the mean eigenvalue of the source's scatter matrix, of
            as many as there are rows or width, whichever is less; None for methods without.
        rank: of a map that has a limited one by its method; None otherwise.
        r2_fitted: the same share on the very rows that the map was fitted to: 1 where they are
            fewer than the source is wide and nothing is penalised, whatever they hold.
        residual_norm: mean residual norm at the target's site, the unit of doses there; None
            where the fit was not told.

    Example:
        >>> adapter.method, adapter.d_source, adapter.d_target
        ('ridge', 128, 128)
        >>> adapter.transport(vector).site == adapter.target.site
        True
    """

    source: Space
    target: Space
    method: str
    rows: int
    read_from: frozenset[str]
    effective_rank: float | None
    support: Float[Tensor, "k d_source"]
    r2_held_out: float | None
    r2_shuffled: float | None
    penalty: float | None = None
    rank: int | None = None
    r2_fitted: float | None = None
    residual_norm: float | None = None

    @property
    @abstractmethod
    def d_source(self) -> int:
        """Width of the source's residual stream."""

    @property
    @abstractmethod
    def d_target(self) -> int:
        """Width of the target's residual stream."""

    @property
    @abstractmethod
    def gain(self) -> float:
        """By how much the map stretches at most, or on the whole: a scale to measure images by."""

    @abstractmethod
    def map_points(self, points: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Where activations of the source would be in the target; with the bias."""

    @abstractmethod
    def map_direction(self, direction: Float[Tensor, " d_source"]) -> Float[Tensor, " d_target"]:
        """What moving along a direction in the source becomes in the target; without the bias.

        Args:
            direction: a step in residual units of the source, of any length.

        Returns:
            The step in residual units of the target, float64.
        """

    def transport(
        self,
        vector: PreferenceVector | PreferenceVectors,
        *,
        residual_norm: float | None = None,
    ) -> PreferenceVector:
        """Carry a vector over: its direction through the map, without the bias.

        The relative norm is kept: the length in the target is the same share of the mean
        residual norm there as it was in the source. The carried vector has been read from the
        vector's prompts and from the map's.

        Args:
            vector: in the source space; of vectors at every block, the one at the source's site.
            residual_norm: mean residual norm at the target's site; the adapter's own when None.

        Raises:
            PrefvecError: if the vector is not from the source, if no residual norm is known, or
                the map takes the vector to nothing.
        """
        if isinstance(vector, PreferenceVectors):
            vector = vector.at(self.source.site)
        self._require(vector)
        residual_norm = self.residual_norm if residual_norm is None else residual_norm
        if residual_norm is None:
            raise PrefvecError(
                "This adapter does not know the mean residual norm at its target's site, so a "
                "carried vector would have no length. Give `residual_norm`; fit_adapter measures "
                "it."
            )
        carried = self.map_direction(vector.norm * vector.direction.double())
        length = float(carried.norm()) / vector.norm
        if not (math.isfinite(length) and length > ROUNDING * self.gain):
            raise PrefvecError(
                f"The adapter takes the {vector.trait} direction to a vector of length "
                f"{length:.3g}: nothing of it is in what the map has learned. Fit it on rows that "
                "vary along the direction."
            )
        return replace(
            vector,
            direction=unit(carried),
            norm=vector.relative_norm * residual_norm,
            residual_norm=residual_norm,
            space=self.target,
            estimator=f"{vector.estimator}, transported by {self.method}",
            read_from=vector.read_from | self.read_from,
        )

    def span(self, vector: PreferenceVector) -> float:
        """Share of a vector's squared length within the directions the map rests on, 0 to 1.

        A vector outside is extrapolated, or carried to nothing. One inside may still be carried
        wrongly: rows that never saw the trait can span its direction and say nothing about it.

        Raises:
            PrefvecError: if the vector is not from the source.
        """
        self._require(vector)
        within = (self.support.double() @ vector.direction.double()).square().sum()
        return float(within / vector.direction.double().square().sum())

    def summary(self) -> str:
        """One sentence: method, size, what the rows hold, and how well it predicts."""
        rank = "" if self.rank is None else f" of rank {self.rank}"
        held = (
            "" if self.effective_rank is None else f" of effective rank {self.effective_rank:.1f}"
        )
        judged = (
            ""
            if self.r2_held_out is None or self.r2_shuffled is None
            else f": held-out R² {self.r2_held_out:.2f}, {self.r2_shuffled:.2f} with shuffled pairs"
        )
        return (
            f"{self.method}{rank} from width {self.d_source} to {self.d_target} on {self.rows} "
            f"rows{held}{judged}"
        )

    def _require(self, vector: PreferenceVector) -> None:
        if vector.space != self.source:
            raise PrefvecError(
                f"This adapter maps from {self.source.site} of model {self.source.model}, and the "
                f"{vector.trait} vector is from {vector.site} of model {vector.model}. Fit an "
                "adapter for the vector's own space."
            )
