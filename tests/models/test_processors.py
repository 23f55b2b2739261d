"""The processor of a measurement: told by all that decides its last bits."""

import pytest
import torch

from prefvec.models.processors import processor


@pytest.fixture
def threads():
    """Whatever a test sets, as it was before."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
def test_another_number_of_threads_is_another_processor():
    """Sums are taken in another order, so that the last bits differ."""
    torch.set_num_threads(1)
    one = processor("cpu")
    assert one == processor("cpu")
    torch.set_num_threads(2)
    assert processor("cpu") != one
    assert processor("cpu").endswith("2 threads")


def test_the_processor_has_a_name_of_its_own():
    """A name that is empty would make any two machines the same."""
    assert processor("cpu").split(",")[0].strip()
    assert processor("mps") != processor("cpu")
