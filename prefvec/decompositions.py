"""Decompositions of matrices, by one core of a processor where they are small.

Cores that share the steps of a small decomposition wait for one another after each, and where
another program holds one of them, for as long as it does: the eigenvectors of a matrix of 128 × 128
took 1.1 ms by one core, and 920 ms by two beside another job.
"""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor

SMALL = 1024
"""Rows and columns up to which one core does it alone."""


def eigh(matrix: Float[Tensor, "m m"]) -> tuple[Float[Tensor, " m"], Float[Tensor, "m m"]]:
    """Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns.

    Args:
        matrix: its lower triangle is read.

    Raises:
        RuntimeError: from torch, if it does not converge.

    Example:
        >>> eigh(torch.diag(torch.tensor([3.0, 2.0])))[0].tolist()
        [2.0, 3.0]
    """
    with _by_few(matrix):
        values, vectors = torch.linalg.eigh(matrix)
    return values, vectors


def svd(
    matrix: Float[Tensor, "n m"],
) -> tuple[Float[Tensor, "n k"], Float[Tensor, " k"], Float[Tensor, "k m"]]:
    """Left singular vectors, singular values from the largest on, and right singular vectors.

    Args:
        matrix: k is the smaller of its sides.

    Raises:
        RuntimeError: from torch, if it does not converge.

    Example:
        >>> svd(torch.tensor([[0.0, 2.0], [3.0, 0.0]]))[1].tolist()
        [3.0, 2.0]
    """
    with _by_few(matrix):
        left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    return left, values, right


def qr(matrix: Float[Tensor, "n m"]) -> tuple[Float[Tensor, "n k"], Float[Tensor, "k m"]]:
    """An orthonormal basis of the columns, and the columns in it.

    Args:
        matrix: k is the smaller of its sides.

    Example:
        >>> basis, inner = qr(torch.tensor([[3.0], [4.0]]))
        >>> (basis @ inner).flatten().tolist()
        [3.0, 4.0]
    """
    with _by_few(matrix):
        basis, inner = torch.linalg.qr(matrix)
    return basis, inner


@contextmanager
def _by_few(matrix: Tensor) -> Generator[None]:
    """One thread for a small matrix on a processor, and as many as there are for others."""
    threads = torch.get_num_threads()
    alone = matrix.device.type == "cpu" and min(matrix.shape) <= SMALL and threads > 1
    if alone:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if alone:
            torch.set_num_threads(threads)
