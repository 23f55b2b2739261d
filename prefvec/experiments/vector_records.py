"""Vectors and adapters as the record tells them."""

import hashlib

import torch

from prefvec.adapters import Adapter
from prefvec.report.directions import written
from prefvec.vectors.vector import PreferenceVector


def vector_record(vector: PreferenceVector) -> dict[str, object]:
    """A vector's direction and how it was found; its site stands beside it."""
    return {
        "direction": written(vector.direction.tolist()),
        "estimator": vector.estimator,
        "positions": vector.positions,
        "n_pairs": vector.n_pairs,
        "norm": vector.norm,
    }


def adapter_fingerprint(adapter: Adapter) -> str:
    """A digest of where the map takes the origin and each unit step.

    To three decimals, for sums are not the same on every machine.
    """
    points = torch.cat([torch.zeros(1, adapter.d_source), torch.eye(adapter.d_source)])
    rounded = adapter.map_points(points).mul(1000).round().to(torch.int64)
    return hashlib.sha256(rounded.cpu().numpy().tobytes()).hexdigest()[:12]
