"""A one-hidden-layer autoencoder between two spaces: the non-linear reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.base import Adapter
from prefvec.adapters.linear_algebra import Scatter, centred
from prefvec.adapters.paired_rows import (
    grouped_folds,
    held_out,
    prompts_behind,
    r_squared,
    require_enough,
    require_pairs,
    shuffling,
)
from prefvec.vectors.activations import Activations

BATCH = 128
LEARNING_RATE = 5e-3
MOST_EPOCHS = 150
PATIENCE = 10
"""Training stops after so many epochs without a better error on the stopping rows."""

STOPPING = 10
"""One of so many parts of the prompts decides when to stop, and is not trained on."""

ANCHORS = 512
"""Most source rows that a direction's image is averaged over."""


class Parameters(NamedTuple):
    """Of z ↦ relu(z · inward + hidden) · outward + bias."""

    inward: Float[Tensor, "d_source width"]
    hidden: Float[Tensor, " width"]
    outward: Float[Tensor, "width d_target"]
    bias: Float[Tensor, " d_target"]

    def __call__(self, z: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """The network's output."""
        return torch.relu(z @ self.inward + self.hidden) @ self.outward + self.bias


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A trained network between standardised rows.

    Each side is centred and divided by one number, so that no coordinate is special.

    Attributes:
        parameters: of the network, float32.
        mean_x: of the source rows.
        scale_x: root mean square of their deviations.
        mean_y: of the target rows.
        scale_y: likewise.
    """

    parameters: Parameters
    mean_x: Float[Tensor, " d_source"]
    scale_x: float
    mean_y: Float[Tensor, " d_target"]
    scale_y: float

    def predict(self, x: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Images of points, in their dtype."""
        z = ((x.double() - self.mean_x) / self.scale_x).float()
        return (self.parameters(z).double() * self.scale_y + self.mean_y).to(x.dtype)


@dataclass(frozen=True, kw_only=True, eq=False)
class NonlinearAdapter(Adapter):
    """A network between residual spaces.

    A direction has no image under a curved map until it is said where it starts and how far it
    goes. Here it starts where the rows are and goes as far as the vector is long, both ways: the
    image is the mean over the rows x of (f(x + v) − f(x − v)) / 2. The derivative at the mean
    activation would rest on the units that happen to be active at a point no text ever reaches,
    and the derivative along the target's mean on a target nobody has without the trait's pairs.
    The image is odd in v, as steering is, and tends to the mean derivative as v gets short.

    Attributes:
        network: the map of points.
        anchors: source rows that directions start from.
    """

    network: Network
    anchors: Float[Tensor, "m d_source"]

    @property
    def d_source(self) -> int:
        """Width of the source's residual stream."""
        return self.network.mean_x.shape[0]

    @property
    def d_target(self) -> int:
        """Width of the target's residual stream."""
        return self.network.mean_y.shape[0]

    @property
    def gain(self) -> float:
        """Spread of the target's rows over that of the source's."""
        return self.network.scale_y / self.network.scale_x

    def map_points(self, points: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Where activations of the source would be in the target."""
        return self.network.predict(points)

    def map_direction(self, direction: Float[Tensor, " d_source"]) -> Float[Tensor, " d_target"]:
        """Half the mean difference between the images of the rows moved along it and against it.

        Args:
            direction: a step in residual units of the source; its length matters.

        Returns:
            The step in residual units of the target, float64.
        """
        anchors, step = self.anchors.double(), direction.double()
        ahead, behind = (self.network.predict(anchors + sign * step) for sign in (1, -1))
        return (ahead - behind).mean(dim=0) / 2


def autoencoder(
    source: Activations,
    target: Activations,
    *,
    width: int | None = None,
    seed: int = 0,
    against_shuffled: bool = True,
) -> NonlinearAdapter:
    """A network of one hidden layer, trained to give the target's rows for the source's.

    After Oozeer et al. 2025, who map between models with a ReLU encoder and a linear decoder
    under squared error. Trained with Adam; stopped early by the error on a tenth of the prompts.
    The seed decides the initial weights and the order of the rows: the same seed on the same
    machine gives the same map. Seconds up to widths of a few hundred; at several thousand
    it wants minutes.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        width: of the hidden layer; None takes twice the wider of the two streams.
        seed: of training, of the division into folds, and of the shuffle.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 8 prompts, or are all the
            same.
    """
    require_pairs(source, target)
    require_enough(source)
    x, y, groups = source.values.double(), target.values.double(), list(source.ids)
    hidden = width or 2 * max(source.d_model, target.d_model)

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> Network:
        return train(x, y, groups, width=hidden, seed=seed)

    mixed = y[shuffling(len(y), seed)]
    scatter = Scatter.of(centred(x)[0])
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    network = fit(x, y, groups)
    return NonlinearAdapter(
        network=network,
        anchors=source.values[order[:ANCHORS]],
        source=source.space,
        target=target.space,
        method="autoencoder",
        rows=len(source),
        read_from=prompts_behind(source, target),
        effective_rank=scatter.effective_rank(),
        support=scatter.principal().float(),
        r2_held_out=held_out(x, y, groups, fit, seed),
        r2_shuffled=held_out(x, mixed, groups, fit, seed) if against_shuffled else None,
        r2_fitted=r_squared(y, network.predict(x), baseline=y.mean(dim=0)),
    )


def train(
    x: Float[Tensor, "n d_source"],
    y: Float[Tensor, "n d_target"],
    groups: list[str],
    *,
    width: int,
    seed: int,
) -> Network:
    """Train on nine tenths of the groups until the error on the last tenth stops falling."""
    learn, stop = grouped_folds(groups, STOPPING, seed + 1)[0]
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    scale_x, scale_y = (float(rows.square().mean().sqrt()) for rows in (x, y))
    inputs, outputs = (x / scale_x).float(), (y / scale_y).float()
    generator = torch.Generator().manual_seed(seed)
    parameters = best = _initial(x.shape[1], width, y.shape[1], generator)
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=True)
    least, since = float("inf"), 0
    for _ in range(MOST_EPOCHS):
        for rows in _batches(torch.tensor(learn), generator):
            optimizer.zero_grad()
            loss = (parameters(inputs[rows]) - outputs[rows]).square().mean()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            error = float((parameters(inputs[stop]) - outputs[stop]).square().mean())
        since += 1
        if error < least:
            least, since = error, 0
            best = Parameters(*(part.detach().clone() for part in parameters))
        if since >= PATIENCE:
            break
    frozen = Parameters(*(part.detach() for part in best))
    return Network(
        parameters=frozen, mean_x=mean_x, scale_x=scale_x, mean_y=mean_y, scale_y=scale_y
    )


def _initial(d_source: int, width: int, d_target: int, generator: torch.Generator) -> Parameters:
    """Weights that keep the size of rows (He et al. 2015), and biases of zero."""
    inward = torch.randn(d_source, width, generator=generator) * (2 / d_source) ** 0.5
    outward = torch.randn(width, d_target, generator=generator) / width**0.5
    parts = (inward, torch.zeros(width), outward, torch.zeros(d_target))
    return Parameters(*(part.requires_grad_() for part in parts))


def _batches(rows: Tensor, generator: torch.Generator) -> Iterator[Tensor]:
    return iter(rows[torch.randperm(len(rows), generator=generator)].split(BATCH))
