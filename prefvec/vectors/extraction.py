"""Contrasted activations → a preference vector."""

from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.decompositions import eigh
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations
from prefvec.vectors.vector import PreferenceVector

Differences = Float[Tensor, "n d_model"]

Estimator = Literal["difference_in_means", "single_pair", "first_principal_component"]
"""Names of the ways to find a vector, the keys of `ESTIMATORS`."""

HALVINGS = 20
"""Random halvings of the pairs that the stability is the mean of."""


def difference_in_means(
    positive: Activations, negative: Activations, *, trait: str, prompt_set: str
) -> PreferenceVector:
    """The mean difference over contrast pairs.

    Panickssery et al. 2023, "Steering Llama 2 via Contrastive Activation Addition".

    Args:
        positive: activations at the pole a positive coefficient steers towards.
        negative: at the other pole; the same rows in the same order.
        trait: names the preference.
        prompt_set: hash of the prompts (`prefvec.text.prompts.prompt_set_hash`).

    Raises:
        PrefvecError: if the two do not pair up, or do not differ.

    Example:
        >>> site = pv.Site(3, "resid_post")
        >>> more, less = (
        ...     pv.over_answers(source, answers.at(c).turns[:4], [site])[site] for c in (+1, -1)
        ... )
        >>> pv.difference_in_means(more, less, trait="verbosity", prompt_set="mine").n_pairs
        4
    """
    return _vector(positive, negative, _mean, "difference_in_means", trait, prompt_set)


def single_pair(
    positive: Activations, negative: Activations, *, trait: str, prompt_set: str
) -> PreferenceVector:
    """The difference of one pair.

    Turner et al. 2023, "Activation Addition: Steering Language Models Without Optimization".
    Arguments as for `difference_in_means`, with one row each.

    Raises:
        PrefvecError: if there is not exactly one pair, or its activations do not differ.
    """
    if len(positive) != 1:
        raise PrefvecError(
            f"single_pair takes one pair, and there are {len(positive)}. Select one, or use "
            "difference_in_means."
        )
    return _vector(positive, negative, _mean, "single_pair", trait, prompt_set)


def first_principal_component(
    positive: Activations, negative: Activations, *, trait: str, prompt_set: str
) -> PreferenceVector:
    """The leading principal axis of the uncentred differences, its sign fixed by the pairs.

    Zou et al. 2023, "Representation Engineering". Centring would take away the mean difference
    and leave the sign to chance. The norm is the mean projection of the differences. Arguments as
    for `difference_in_means`.

    Raises:
        PrefvecError: if the two do not pair up, or do not differ along the axis.
    """
    return _vector(positive, negative, _axis, "first_principal_component", trait, prompt_set)


def difference_between_groups(
    positive: Activations, negative: Activations, *, trait: str, prompt_set: str, estimator: str
) -> PreferenceVector:
    """The mean of one group of rows less that of another, whose rows are no pairs.

    Args:
        positive: rows at the pole a positive coefficient steers towards.
        negative: rows at the other pole, of the same space; as many or not.
        trait: names the preference.
        prompt_set: hash of the prompts of both.
        estimator: what the vector says of how it was found.

    Raises:
        PrefvecError: if a group is empty, they come from different places, or do not differ.
    """
    _require_one_place(positive, negative)
    one, other = positive.values.double(), negative.values.double()
    return _bound(
        _mean(one) - _mean(other),
        positive,
        negative,
        estimator=estimator,
        trait=trait,
        prompt_set=prompt_set,
        stability=_stability_of_groups(one, other),
    )


def _mean(differences: Differences) -> Float[Tensor, " d_model"]:
    return differences.mean(dim=0)


def _axis(differences: Differences) -> Float[Tensor, " d_model"]:
    # The second-moment matrix of -D is bit for bit that of D, so swapped poles negate exactly.
    n, width = differences.shape
    if n < width:
        axis = differences.T @ eigh(differences @ differences.T)[1][:, -1]
        axis = axis / axis.norm()
    else:
        axis = eigh(differences.T @ differences)[1][:, -1]
    return (differences @ axis).mean() * axis


def _vector(
    positive: Activations,
    negative: Activations,
    estimate: Callable[[Differences], Tensor],
    estimator: str,
    trait: str,
    prompt_set: str,
) -> PreferenceVector:
    _require_pairs(positive, negative)
    differences = positive.values.double() - negative.values.double()
    return _bound(
        estimate(differences),
        positive,
        negative,
        estimator=estimator,
        trait=trait,
        prompt_set=prompt_set,
        stability=_stability(differences, estimate),
    )


def _bound(
    vector: Tensor,
    positive: Activations,
    negative: Activations,
    *,
    estimator: str,
    trait: str,
    prompt_set: str,
    stability: float | None,
) -> PreferenceVector:
    """A difference, bound to where and to what it was read from."""
    norm = float(vector.norm())
    residual_norm = (positive.mean_norm + negative.mean_norm) / 2
    if not norm > 1e-9 * residual_norm:
        raise PrefvecError(
            f"The two poles of {trait} do not differ at {positive.site}, so there is no direction "
            "between them. Check that the instructions reach the model, or read another site: "
            "resid_pre of block 0 at the last prompt token is the same for every prompt that ends "
            "alike."
        )
    return PreferenceVector(
        direction=(vector / norm).float(),
        norm=norm,
        residual_norm=residual_norm,
        space=positive.space,
        estimator=estimator,
        positions=positive.positions,
        n_pairs=min(len(positive), len(negative)),
        stability=stability,
        trait=trait,
        prompt_set=prompt_set,
        read_from=frozenset((*positive.ids, *negative.ids)),
    )


def _stability(differences: Differences, estimate: Callable[[Differences], Tensor]) -> float | None:
    """Mean cosine between estimates from random halves; None with fewer than four pairs."""
    n = len(differences)
    if n < 4:
        return None
    generator = torch.Generator().manual_seed(0)
    cosines: list[float] = []
    for _ in range(HALVINGS):
        order = torch.randperm(n, generator=generator)
        one, other = (estimate(differences[half]) for half in (order[: n // 2], order[n // 2 :]))
        cosines.append(float(torch.cosine_similarity(one, other, dim=0)))
    return sum(cosines) / HALVINGS


def _stability_of_groups(
    one: Float[Tensor, "n d_model"], other: Float[Tensor, "m d_model"]
) -> float | None:
    """The same for two groups, each halved; None where one of them has fewer than two rows."""
    if min(len(one), len(other)) < 2:
        return None
    generator = torch.Generator().manual_seed(0)
    cosines: list[float] = []
    for _ in range(HALVINGS):
        orders = [torch.randperm(len(group), generator=generator) for group in (one, other)]
        halves = [
            _mean(one[orders[0][half::2]]) - _mean(other[orders[1][half::2]]) for half in (0, 1)
        ]
        cosines.append(float(torch.cosine_similarity(*halves, dim=0)))
    return sum(cosines) / HALVINGS


def _require_pairs(positive: Activations, negative: Activations) -> None:
    _require_one_place(positive, negative)
    if positive.positions != negative.positions or positive.ids != negative.ids:
        raise PrefvecError(
            f"The two poles do not pair up: {len(positive)} rows ({positive.positions}) against "
            f"{len(negative)} ({negative.positions}). Give the same prompts in the same order, "
            "read at the same positions."
        )


def _require_one_place(positive: Activations, negative: Activations) -> None:
    if positive.space != negative.space:
        raise PrefvecError(
            f"The two poles were read in different places: {positive.site} of model "
            f"{positive.model} and {negative.site} of model {negative.model}. Read both from one "
            "model at one site."
        )
    if not (len(positive) and len(negative)):
        raise PrefvecError("There are no rows of one pole or of both. Give at least one of each.")


ESTIMATORS = {
    "difference_in_means": difference_in_means,
    "single_pair": single_pair,
    "first_principal_component": first_principal_component,
}
"""The ways to find a vector, by name."""
