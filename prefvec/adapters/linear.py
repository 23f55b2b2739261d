"""An affine map from one model's residual space to another's."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.base import Adapter
from prefvec.adapters.linear_algebra import Compressed, Scatter, centred
from prefvec.adapters.paired_rows import (
    held_out,
    prompts_behind,
    r_squared,
    require_enough,
    require_pairs,
    shuffling,
)
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Space


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearAdapter(Adapter):
    """An affine map between residual spaces. It maps points with its bias, directions without.

    Attributes:
        weight: applied from the right; float32.
        bias: in residual units of the target.
    """

    weight: Float[Tensor, "d_source d_target"]
    bias: Float[Tensor, " d_target"]

    @property
    def d_source(self) -> int:
        """Width of the source's residual stream."""
        return self.weight.shape[0]

    @property
    def d_target(self) -> int:
        """Width of the target's residual stream."""
        return self.weight.shape[1]

    @property
    def gain(self) -> float:
        """Frobenius norm of the weight."""
        return float(self.weight.double().norm())

    def map_points(self, points: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Where activations of the source would be in the target; with the bias."""
        return points @ self.weight + self.bias

    def map_direction(self, direction: Float[Tensor, " d_source"]) -> Float[Tensor, " d_target"]:
        """The weight's image of a step; linear."""
        return direction.double() @ self.weight.double()


@dataclass(frozen=True, kw_only=True, eq=False)
class AffineFit:
    """What a linear fitter finds, in float64.

    Attributes:
        weight: applied from the right.
        bias: added to it.
        penalty: relative ridge penalty, where there is one.
        rank: where the method limits it.
        support: orthonormal source directions the map reads, where they are fewer than the width.
    """

    weight: Float[Tensor, "d_source d_target"]
    bias: Float[Tensor, " d_target"]
    penalty: float | None = None
    rank: int | None = None
    support: Float[Tensor, "k d_source"] | None = None

    def predict(self, x: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Images of points."""
        return x @ self.weight + self.bias

    def expand(self, x: Compressed, y: Compressed) -> "AffineFit":
        """A map between compressed rows as one between the rows themselves."""
        return replace(
            self,
            weight=y.expand(x.expand(self.weight.T).T),
            bias=y.expand(self.bias),
            support=None if self.support is None else x.expand(self.support),
        )


Fitter = Callable[[Tensor, Tensor, list[str]], AffineFit]
"""Fits an affine map to rows, given the group (prompt) of each."""


def fitted(
    source: Activations,
    target: Activations,
    fit: Fitter,
    method: str,
    seed: int,
    *,
    against_shuffled: bool,
) -> LinearAdapter:
    """Fit on all rows; judge the same procedure on prompts held out from it.

    All of it in no more coordinates on either side than there are rows.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        fit: the procedure, from rows to a map.
        method: its name.
        seed: of the division into folds, and of the shuffle.
        against_shuffled: whether to fit and judge it on shuffled pairs, too.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 8 prompts.
    """
    require_pairs(source, target)
    require_enough(source)
    within, beyond = Compressed.of(source.values), Compressed.of(target.values)
    x, y, groups = within.inner, beyond.inner, list(source.ids)
    scatter = Scatter.of(centred(x)[0])
    mixed = y[shuffling(len(y), seed)]
    r2_held_out = held_out(x, y, groups, fit, seed)
    r2_shuffled = held_out(x, mixed, groups, fit, seed) if against_shuffled else None
    inner = fit(x, y, groups)
    found = inner.expand(within, beyond)
    support = within.expand(scatter.principal()) if found.support is None else found.support
    return LinearAdapter(
        weight=found.weight.float(),
        bias=found.bias.float(),
        source=source.space,
        target=target.space,
        method=method,
        rows=len(source),
        read_from=prompts_behind(source, target),
        effective_rank=scatter.effective_rank(),
        support=support.float(),
        r2_held_out=r2_held_out,
        r2_shuffled=r2_shuffled,
        penalty=found.penalty,
        rank=found.rank,
        r2_fitted=r_squared(y, inner.predict(x), baseline=y.mean(dim=0)),
    )


def identity(space: Space, d_model: int) -> LinearAdapter:
    """The map of a space to itself that changes nothing."""
    return LinearAdapter(
        weight=torch.eye(d_model),
        bias=torch.zeros(d_model),
        source=space,
        target=space,
        method="identity",
        rows=0,
        read_from=frozenset(),
        effective_rank=None,
        support=torch.eye(d_model),
        r2_held_out=None,
        r2_shuffled=None,
    )
