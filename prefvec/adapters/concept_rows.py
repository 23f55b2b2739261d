"""The mean differences of concepts as rows of an adapter."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations
from prefvec.vectors.vector import PreferenceVector


@dataclass(frozen=True, kw_only=True, eq=False)
class DeltaRows(Activations):
    """Rows that are named by their concepts and were read from the prompts of all of them.

    Attributes:
        read_from: ids of the prompts.
    """

    read_from: frozenset[str]


def delta_rows(vectors: Sequence[PreferenceVector]) -> DeltaRows:
    """The mean differences of concepts as rows, in residual units; `ids` are the concepts.

    Args:
        vectors: of different concepts in one space, in the same order for source and target.

    Raises:
        PrefvecError: if there are none, or they come from different spaces, or a concept occurs
            twice.
    """
    traits = tuple(vector.trait for vector in vectors)
    if len({vector.space for vector in vectors}) != 1 or len(set(traits)) != len(traits):
        raise PrefvecError(
            f"Concept deltas {', '.join(traits) or '(none)'} are not vectors of different "
            "concepts in one space. Give one vector for each concept, all from one model and site."
        )
    return DeltaRows(
        values=torch.stack([vector.norm * vector.direction for vector in vectors]),
        space=vectors[0].space,
        ids=traits,
        read_from=frozenset[str]().union(*(vector.read_from for vector in vectors)),
        positions=f"mean difference over {vectors[0].positions}",
        mean_norm=sum(vector.residual_norm for vector in vectors) / len(vectors),
    )
