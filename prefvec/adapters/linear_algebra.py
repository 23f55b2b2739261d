"""The scatter of rows, diagonalised in the smaller of rows and width."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.decompositions import eigh, qr
from prefvec.errors import PrefvecError

TOLERANCE = 1e-12
"""Eigenvalues below this share of the largest are zero: rows are float32, so singular values
below 1e-6 of the largest are rounding, and eigenvalues are their squares."""

HELD = 0.99
"""Share of the rows' variance in the principal directions that a map rests on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scatter:
    """XᵀX of rows X, by the eigenvectors of whichever of XᵀX and XXᵀ is smaller.

    All solutions of penalised least squares are `carrier @ (coefficients / (values + penalty))`:
    the dual ones exactly as the primal (Saunders et al. 1998). No inverse is formed.

    Attributes:
        rows: X, float64.
        dual: whether XXᵀ was diagonalised, there being fewer rows than width.
        values: eigenvalues, ascending; those that rounding made negative are 0.
        basis: its eigenvectors, as columns.
    """

    rows: Float[Tensor, "n d"]
    dual: bool
    values: Float[Tensor, " m"]
    basis: Float[Tensor, "m m"]

    @classmethod
    def of(cls, rows: Float[Tensor, "n d"]) -> "Scatter":
        """Diagonalise.

        Args:
            rows: centred, where the mean is not to count.

        Raises:
            PrefvecError: if all rows are zero.
        """
        dual = len(rows) < rows.shape[1]
        values, basis = eigh(rows @ rows.T if dual else rows.T @ rows)
        values = values.clamp(min=0)
        if not float(values.sum()) > 0:
            raise PrefvecError(
                "All rows are zero, so no map can be fitted to them. Give rows that differ from "
                "nothing."
            )
        return cls(rows=rows, dual=dual, values=values, basis=basis)

    @property
    def mean_eigenvalue(self) -> float:
        """Mean over the width, zeros included: the unit of relative penalties."""
        return float(self.values.sum()) / self.rows.shape[1]

    @property
    def held(self) -> Tensor:
        """Which eigenvalues are not zero."""
        return self.values > TOLERANCE * self.values[-1]

    @cached_property
    def carrier(self) -> Float[Tensor, "d m"]:
        """Turns coefficients into weights."""
        return self.rows.T @ self.basis if self.dual else self.basis

    def coefficients(self, targets: Float[Tensor, "n d_target"]) -> Float[Tensor, "m d_target"]:
        """The targets as the eigenvectors see them."""
        return self.basis.T @ (targets if self.dual else self.rows.T @ targets)

    def damped(self, coefficients: Float[Tensor, "m d_target"], penalty: float) -> Tensor:
        """Coefficients of the least-squares solution with an absolute penalty.

        With the penalty 0 it is the solution of minimum norm.
        """
        damping = self.values + penalty
        damping = torch.where(damping > TOLERANCE * self.values[-1], damping, torch.inf)
        return coefficients / damping[:, None]

    @cached_property
    def axes(self) -> Float[Tensor, "k d"]:
        """Right singular vectors of X, largest first, without those of singular value 0."""
        columns = self.carrier[:, self.held]
        columns = columns / columns.norm(dim=0) if self.dual else columns
        return columns.flip(1).T

    def effective_rank(self) -> float:
        """The exponential of the entropy of the singular values' shares (Roy and Vetterli 2007)."""
        singular = self.values[self.held].sqrt()
        return float(torch.distributions.Categorical(probs=singular).entropy().exp())

    def principal(self) -> Float[Tensor, "k d"]:
        """The fewest leading axes that hold `HELD` of the squared length of the rows."""
        shares = (self.values[self.held].flip(0) / self.values.sum()).cumsum(0)
        return self.axes[: int((shares < HELD).sum()) + 1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Compressed:
    """Rows in no more coordinates than there are rows: the dual of whatever is done with them.

    Squared lengths, products and means are those of the rows themselves.

    Attributes:
        inner: the rows in these coordinates, float64.
        basis: orthonormal, what the coordinates stand for; None where they are the rows' own.
    """

    inner: Float[Tensor, "n k"]
    basis: Float[Tensor, "k d"] | None

    @classmethod
    def of(cls, rows: Float[Tensor, "n d"]) -> "Compressed":
        """By QR decomposition, where there are fewer rows than width."""
        rows = rows.double()
        if len(rows) >= rows.shape[1]:
            return cls(inner=rows, basis=None)
        basis, inner = qr(rows.T)
        return cls(inner=inner.T, basis=basis.T)

    def expand(self, columns: Float[Tensor, "*m k"]) -> Float[Tensor, "*m d"]:
        """Vectors given in these coordinates, in the rows' own."""
        return columns if self.basis is None else columns @ self.basis


def centred(rows: Float[Tensor, "n d"]) -> tuple[Float[Tensor, "n d"], Float[Tensor, " d"]]:
    """Rows less their mean, and the mean.

    Raises:
        PrefvecError: if nothing is left but rounding.
    """
    mean = rows.mean(dim=0)
    rest = rows - mean
    if not float(rest.square().sum()) > TOLERANCE**2 * float(rows.square().sum()):
        raise PrefvecError(
            "All rows of one side are the same, so no map can be fitted to them. Give different "
            "prompts, or read another site."
        )
    return rest, mean
