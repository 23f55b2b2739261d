"""What a model's own vector is read from."""

from types import SimpleNamespace

import pytest

from prefvec.experiments.lab import Lab
from prefvec.experiments.own_vectors import contrast_texts
from prefvec.organisms.roster import REAL, REAL_ROTATED
from tests.fake_laboratory import material


class Asked:
    """A lab that keeps which model it had answer."""

    def __init__(self) -> None:
        self.material, self.options = material(), SimpleNamespace(names=())
        self.models = SimpleNamespace()  # where what is so of the models is remembered
        self.names: list[str] = []

    ask_each = Lab.ask_each

    def ask(self, name, requests, what, **_):
        """Each answer names the instruction that it was asked with."""
        self.names.append(name)
        return [SimpleNamespace(text=request.prompt.instruction) for request in requests]


@pytest.mark.parametrize(
    ("name", "writer"),
    [(REAL, REAL), (REAL_ROTATED[0], REAL), ("rotated-twin", "mini-mistral")],
)
def test_a_twins_vector_rests_on_the_answers_of_the_model_it_is_made_of(name, writer):
    """Its own would differ where rounding moves a draw; asked once, for both poles."""
    lab = Asked()
    positive, negative = contrast_texts(lab, name, lab.material.trait.name)
    assert lab.names == [writer]
    assert len(positive) == len(negative) == len(lab.material.splits["extraction"])
    assert not set(positive) & set(negative)
