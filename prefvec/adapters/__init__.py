"""Maps from one model's residual space to another's, one estimator per file."""

from prefvec.adapters.anchors import AnchorAdapter, anchor_projection, canonical
from prefvec.adapters.base import Adapter
from prefvec.adapters.concept_rows import delta_rows
from prefvec.adapters.delta_regression import concept_deltas, replicated
from prefvec.adapters.linear import LinearAdapter, identity
from prefvec.adapters.nonlinear import NonlinearAdapter, autoencoder
from prefvec.adapters.paired_rows import shuffled
from prefvec.adapters.procrustes import orthogonal_procrustes
from prefvec.adapters.reduced_rank_regression import reduced_rank
from prefvec.adapters.ridge_regression import ridge

__all__ = [
    "Adapter",
    "AnchorAdapter",
    "LinearAdapter",
    "NonlinearAdapter",
    "anchor_projection",
    "autoencoder",
    "canonical",
    "concept_deltas",
    "delta_rows",
    "identity",
    "orthogonal_procrustes",
    "reduced_rank",
    "replicated",
    "ridge",
    "shuffled",
]
