"""The residual stream: read, contrasted into vectors, carried over raw, and moved."""

from prefvec.vectors.activations import Activations, at_last_prompt_token, over_answers
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.extraction import (
    difference_in_means,
    first_principal_component,
    single_pair,
)
from prefvec.vectors.residual import Site, Space, add, add_by_hand, read
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.transfer import UnequalWidths, copied_raw, zero_padded
from prefvec.vectors.vector import PreferenceVector, random_direction

__all__ = [
    "UNSTEERED",
    "Activations",
    "PreferenceVector",
    "PreferenceVectors",
    "Site",
    "Space",
    "Steering",
    "UnequalWidths",
    "add",
    "add_by_hand",
    "at_last_prompt_token",
    "copied_raw",
    "difference_in_means",
    "first_principal_component",
    "over_answers",
    "random_direction",
    "read",
    "single_pair",
    "zero_padded",
]
