"""Decompositions: what torch finds, by one core where a matrix is small."""

import pytest
import torch

from prefvec.decompositions import SMALL, eigh, qr, svd

MATRIX = torch.randn(24, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
WAYS = {
    "eigh": (lambda: eigh(MATRIX.T @ MATRIX), lambda: torch.linalg.eigh(MATRIX.T @ MATRIX)),
    "svd": (lambda: svd(MATRIX), lambda: torch.linalg.svd(MATRIX, full_matrices=False)),
    "qr": (lambda: qr(MATRIX), lambda: torch.linalg.qr(MATRIX)),
}


@pytest.fixture
def two_threads():
    """As on a machine of two cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("way", WAYS)
def test_it_finds_what_torch_finds(way):
    """The oracle is torch, asked directly."""
    ours, theirs = (each() for each in WAYS[way])
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(("side", "threads"), [(4, 1), (SMALL + 1, 2)])
@pytest.mark.usefixtures("two_threads")
def test_one_core_decomposes_what_is_small_and_the_others_are_given_back(
    side, threads, monkeypatch
):
    """Also where torch fails."""
    seen = []

    def failing(matrix):
        seen.append(torch.get_num_threads())
        raise RuntimeError("does not converge")

    monkeypatch.setattr(torch.linalg, "eigh", failing)
    with pytest.raises(RuntimeError, match="converge"):
        eigh(torch.zeros(side, side))
    assert seen == [threads]
    assert torch.get_num_threads() == 2
