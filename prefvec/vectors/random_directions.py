"""Directions that mean nothing, made of one that means something."""

from dataclasses import replace

import torch

from prefvec.vectors.vector import PreferenceVector


def signed_permutation(like: PreferenceVector, *, seed: int) -> PreferenceVector:
    """A control: a vector's own coordinates in random order, each with a random sign.

    Norm and distribution of the coordinates are kept, which matters where a few coordinates carry
    most of the residual stream, as in trained models. If the target's basis has nothing to do with
    the source's, a vector copied from there is exchangeable with its signed permutations, so that
    its rank among them is an exact test.

    Args:
        like: the vector whose coordinates, site and model are kept.
        seed: of the order and the signs.

    Example:
        >>> control = pv.signed_permutation(vector.at(3), seed=1)
        >>> mixed, own = (v.direction.abs().sort().values for v in (control, vector.at(3)))
        >>> torch.equal(mixed, own), control.norm == vector.at(3).norm
        (True, True)
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(like.d_model, generator=generator)
    signs = 1.0 - 2.0 * torch.randint(2, (like.d_model,), generator=generator)
    return replace(
        like,
        direction=like.direction[order] * signs,
        estimator=f"signed permutation of {like.estimator}, seed {seed}",
        stability=None,
    )
