"""What could tell beforehand, without generating anything, whether an adapter carries a vector.

The usual diagnostics weigh all directions by the variance of the rows: a map can predict nearly
all of it and nothing along the one direction that matters. Those here that are not usual look
along the vector, and along its image.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.base import ROUNDING, Adapter
from prefvec.adapters.linear_algebra import TOLERANCE
from prefvec.adapters.paired_rows import FOLDS, grouped_folds, r_squared, require_pairs
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations
from prefvec.vectors.vector import PreferenceVector

Fit = Callable[[Activations, Activations], Adapter]
"""Fits a map to paired rows, e.g. `partial(ridge, against_shuffled=False)`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Refits:
    """What a method finds on parts of the rows, and the other way round; for any vector.

    Attributes:
        predicted: the target's rows, each predicted from its source row by a map that has read
            neither it nor any row of its prompt; float64, in residual units of the target.
        baseline: the mean of the target's rows which that map has read.
        back: the map from target to source, fitted by the same method on all rows.
    """

    predicted: Float[Tensor, "n d_target"]
    baseline: Float[Tensor, "n d_target"]
    back: Adapter


def refitted(source: Activations, target: Activations, fit: Fit) -> Refits:
    """Fit a method six times: without each fifth of the prompts, and once backwards.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        fit: the method that is diagnosed.

    Raises:
        PrefvecError: if rows do not pair up, or come from too few prompts for the method: four
            fifths of them have to do.
    """
    require_pairs(source, target)
    groups = len(set(source.ids))
    if groups < 2:
        raise PrefvecError(
            f"Rows of {groups} prompts cannot be held out from one another. Give more prompts."
        )
    predicted = torch.zeros(target.values.shape, dtype=torch.float64)
    baseline = torch.zeros_like(predicted)
    for train, test in grouped_folds(source.ids, min(FOLDS, groups), seed=0):
        adapter = fit(source.select(train), target.select(train))
        predicted[test] = adapter.map_points(source.values[test]).double()
        baseline[test] = target.values[train].double().mean(dim=0)
    return Refits(predicted=predicted, baseline=baseline, back=fit(target, source))


def diagnose(
    adapter: Adapter,
    vector: PreferenceVector,
    source: Activations,
    target: Activations,
    *,
    fit: Fit,
    native: PreferenceVector | None = None,
    refits: Refits | None = None,
) -> dict[str, float]:
    """Every diagnostic by its name; what could not be measured is left out.

    - `held_out_r2`: the adapter's own, over all directions.
    - `span`: share of the vector in the directions the map rests on.
    - `cosine_to_native`: between the carried vector and the target's own.
    - `directional_r2`: see there.
    - `projection_correlation`: see there.
    - `exposure_in_source`: `exposure_along` the vector.
    - `exposure_in_target`: `exposure_along` the carried vector.
    - `relative_gain`: see there.
    - `round_trip`: see there.

    Args:
        adapter: on trial.
        vector: of the source.
        source: rows the adapter was fitted on, or others of the same kind.
        target: the same prompts or character positions, row by row, in the target.
        fit: the adapter's method, to fit it again.
        native: the target's own vector for the same trait.
        refits: from `refitted` with these rows and method, where several vectors share them.

    Raises:
        PrefvecError: if the rows or the vector are not of the adapter's spaces, if the adapter
            takes the vector to nothing, or see `refitted`.

    Example:
        >>> found = pv.diagnose(adapter, vector.at(3), ours, theirs, fit=pv.orthogonal_procrustes)
        >>> "held_out_r2" in found, "directional_r2" in found
        (True, True)
    """
    for rows, space in ((source, adapter.source), (target, adapter.target)):
        if rows.space != space:
            raise PrefvecError(
                f"Rows from {rows.site} of model {rows.model} say nothing about an adapter "
                f"between other spaces: it wants {space.site} of model {space.model}. Give rows "
                "of the adapter's own source and target."
            )
    refits = refits or refitted(source, target, fit)
    carried = adapter.transport(vector, residual_norm=target.mean_norm)
    found = {
        "held_out_r2": adapter.r2_held_out,
        "span": adapter.span(vector),
        "cosine_to_native": None if native is None else cosine(carried, native),
        "directional_r2": directional_r2(refits, target, carried),
        "projection_correlation": projection_correlation(source, vector, target, carried),
        "exposure_in_source": exposure_along(source, vector),
        "exposure_in_target": exposure_along(target, carried),
        "relative_gain": relative_gain(adapter, vector, target),
        "round_trip": round_trip(carried, refits.back, vector),
    }
    return {name: value for name, value in found.items() if value is not None}


def cosine(a: PreferenceVector, b: PreferenceVector) -> float:
    """Cosine of two vectors of one space.

    Raises:
        PrefvecError: if they are of different spaces.

    Example:
        >>> round(pv.cosine(vector.at(3), -vector.at(3)), 3)
        -1.0
    """
    if a.space != b.space:
        raise PrefvecError(
            f"A vector at {a.site} of model {a.model} and one at {b.site} of model {b.model} have "
            "no angle between them. Give vectors of one space."
        )
    return float(a.direction.double() @ b.direction.double())


def directional_r2(refits: Refits, target: Activations, carried: PreferenceVector) -> float:
    """Cross-validated R² of the target's rows projected on the carried vector.

    Whether the map predicts along the direction that matters, however little of the variance
    lies there. 0 where the target's rows do not vary along it. Only the direction comes from a
    map of all rows; what is predicted along it does not.

    Args:
        refits: from rows of the same prompts.
        target: rows of the target.
        carried: the vector in the target.
    """
    if not bool(_projections(target, carried).any()):
        return 0.0
    axis = carried.direction.double()[:, None]
    observed, predicted = (
        (rows - refits.baseline) @ axis for rows in (target.values.double(), refits.predicted)
    )
    return r_squared(observed, predicted, baseline=torch.zeros(1, dtype=torch.float64))


def projection_correlation(
    source: Activations, vector: PreferenceVector, target: Activations, carried: PreferenceVector
) -> float:
    """Pearson correlation over rows of the projections on the vector and on the carried one.

    Whether the two directions rise and fall together. 0 where one of them does not vary.

    Args:
        source: rows of the source.
        vector: in the source.
        target: rows of the target that belong to them.
        carried: the vector in the target.
    """
    ours, theirs = _projections(source, vector), _projections(target, carried)
    lengths = float(ours.norm()) * float(theirs.norm())
    return float(ours @ theirs) / lengths if lengths else 0.0


def exposure_along(rows: Activations, vector: PreferenceVector) -> float:
    """Variance of rows along a vector over their mean variance per dimension.

    How much of the direction the rows have shown: 1 if as much as of any other on average, the
    width if nothing else.

    Args:
        rows: of the vector's space.
        vector: whose direction it is.
    """
    values = rows.values.double()
    spread = (values - values.mean(dim=0)).square().sum() / rows.d_model
    return float(_projections(rows, vector).square().sum() / spread) if spread else 0.0


def relative_gain(adapter: Adapter, vector: PreferenceVector, target: Activations) -> float:
    """Length that the map itself leaves a vector, both in units of the mean residual norm.

    Transport keeps the relative norm whatever the map does. A penalised map shortens what its
    rows did not let it predict, so a small gain says that the map learned little of the vector.

    Args:
        adapter: from the vector's space.
        vector: of the source.
        target: rows of the target, for the mean residual norm there.
    """
    image = adapter.map_direction(vector.norm * vector.direction.double())
    return float(image.norm()) / target.mean_norm / vector.relative_norm


def round_trip(carried: PreferenceVector, back: Adapter, vector: PreferenceVector) -> float:
    """Cosine of a vector with what comes back of it through the target; 0 if nothing does.

    Args:
        carried: the vector in the target.
        back: from the target to the source, fitted by itself.
        vector: as it was in the source.

    Raises:
        PrefvecError: if the map does not lead from the one vector's space to the other's.
    """
    if (back.source, back.target) != (carried.space, vector.space):
        raise PrefvecError(
            f"The map back leads from {back.source.site} to {back.target.site}, and the carried "
            f"vector from {carried.site} to {vector.site}. Fit it on the same rows, exchanged."
        )
    returned = back.map_direction(carried.norm * carried.direction.double())
    length = float(returned.norm())
    if not length > ROUNDING * back.gain * carried.norm:
        return 0.0
    return float(returned @ vector.direction.double()) / length


def _projections(rows: Activations, vector: PreferenceVector) -> Float[Tensor, " n"]:
    """Centred projections on the direction; zero where only rounding makes them differ.

    Raises:
        PrefvecError: if the vector is of another space than the rows.
    """
    if rows.space != vector.space:
        raise PrefvecError(
            f"The rows are from {rows.site} of model {rows.model}, and the {vector.trait} vector "
            f"is from {vector.site} of model {vector.model}. Give a vector of the rows' space."
        )
    values = rows.values.double()
    along = values @ vector.direction.double()
    along = along - along.mean()
    varies = float(along.square().sum()) > TOLERANCE * float(values.square().sum())
    return along if varies else torch.zeros_like(along)
