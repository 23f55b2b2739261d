"""The autoencoder learns lines and bends, repeats itself, and carries directions oddly."""

import pytest
import torch

from prefvec.adapters import autoencoder, ridge
from prefvec.errors import PrefvecError
from tests.strategies import normal, orthogonal, paired, space, vector_in


@pytest.fixture(scope="module")
def straight():
    """A network trained on an affine truth, its rows and the truth's weight."""
    x, weight = normal(0, 600, 6), normal(1, 6, 4)
    return autoencoder(*paired(x, x @ weight + 3)), x, weight


@pytest.fixture(scope="module")
def bent():
    """A network trained on |x · turn|, and its rows."""
    x = normal(2, 800, 4)
    return autoencoder(*paired(x, (x @ orthogonal(3, 4, 4)).abs())), x


def test_an_affine_truth_is_learned(straight):
    """Points and directions go where the truth takes them; shuffled pairs teach nothing."""
    adapter, x, weight = straight
    assert adapter.r2_held_out > 0.98
    assert adapter.r2_shuffled < 0.1
    for step in torch.eye(6):
        image, truth = adapter.map_direction(step), (step @ weight).double()
        assert torch.cosine_similarity(image, truth, dim=0) > 0.98
    centre = x.mean(dim=0, keepdim=True)
    torch.testing.assert_close(adapter.map_points(centre), centre @ weight + 3, rtol=0, atol=0.3)


def test_it_sees_bends_that_no_line_follows(bent):
    """The positive control of being non-linear: ridge explains nothing of absolute values."""
    adapter, x = bent
    assert adapter.r2_held_out > 0.9
    assert ridge(*paired(x, (x @ orthogonal(3, 4, 4)).abs())).r2_held_out < 0.1


def test_the_image_is_odd_and_depends_on_the_length(bent):
    """Against a direction is minus along it; on a curved map twice as far is not twice the way."""
    adapter, _ = bent
    step = normal(4, 4)
    there, back = adapter.map_direction(step), adapter.map_direction(-step)
    torch.testing.assert_close(there, -back)
    further = adapter.map_direction(8 * step)
    assert float((further - 8 * there).norm()) > 1e-3 * float(further.norm())


def test_a_short_step_has_the_mean_derivative_as_its_image(straight):
    """Oracle: automatic differentiation of the network at the rows it starts from."""
    adapter, _, _ = straight
    step, net = normal(5, 6), adapter.network
    points = adapter.anchors.clone().requires_grad_()
    mean = net.parameters(((points - net.mean_x) / net.scale_x).float()).mean(dim=0)
    slopes = [torch.autograd.grad(out, points, retain_graph=True)[0].sum(dim=0) for out in mean]
    expected = (torch.stack(slopes) @ step).double() * net.scale_y
    image = adapter.map_direction(1e-2 * step) / 1e-2
    torch.testing.assert_close(image, expected, rtol=2e-2, atol=2e-2)


def test_a_vector_keeps_its_relative_norm(straight):
    """As through a linear map; its span is known, too."""
    adapter, _, weight = straight
    vector = vector_in(space("source"), normal(6, 6))
    moved = adapter.transport(vector, residual_norm=7.0)
    assert moved.relative_norm == pytest.approx(vector.relative_norm)
    assert moved.space == space("target")
    truth = vector.direction @ weight
    assert torch.cosine_similarity(moved.direction, truth, dim=0) > 0.98
    assert adapter.span(vector) == pytest.approx(1, abs=1e-4)
    with pytest.raises(PrefvecError, match="maps from"):
        adapter.transport(vector_in(space("other"), normal(6, 6)), residual_norm=1.0)


def test_the_seed_decides_the_map():
    """The same seed gives it bit for bit, another seed another; the global seed is left alone."""
    x = normal(7, 60, 4)
    pair = paired(x, x @ normal(8, 4, 3))
    torch.manual_seed(0)
    state = torch.get_rng_state()
    once, again, other = (
        autoencoder(*pair, seed=seed, width=8, against_shuffled=False) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(once.map_points(x), again.map_points(x))
    assert not torch.equal(once.map_points(x), other.map_points(x))
    assert once.r2_shuffled is None
