"""Maps from one model's residual space to another's, one estimator per file."""

from prefvec.adapter.base import Adapter
from prefvec.adapter.delta_regression import concept_deltas, delta_rows, replicated
from prefvec.adapter.linear import LinearAdapter, identity
from prefvec.adapter.nonlinear import NonlinearAdapter, autoencoder
from prefvec.adapter.pairs import shuffled
from prefvec.adapter.procrustes import orthogonal_procrustes
from prefvec.adapter.reduced_rank_regression import reduced_rank
from prefvec.adapter.ridge_regression import ridge

__all__ = [
    "Adapter",
    "LinearAdapter",
    "NonlinearAdapter",
    "autoencoder",
    "concept_deltas",
    "delta_rows",
    "identity",
    "orthogonal_procrustes",
    "reduced_rank",
    "replicated",
    "ridge",
    "shuffled",
]
