"""What the report notes about a claim's arms, and by which name it knows them."""

from dataclasses import replace

import pytest
import torch

from prefvec.experiments.claims import RawTransfer, SelfSteering
from prefvec.experiments.measured import Measured
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.records import ROBUSTNESS, notes
from prefvec.experiments.search import Search, Tried
from prefvec.vectors.residual import Site
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.criteria import Fails, Steers
from tests.simulated import NATIVE, Scene
from tests.strategies import space, vector_in

OWN = SelfSteering(id="x", title="x", criterion=Steers())
JUDGED = Assessment(claim="x", criterion=OWN.criterion)


def arm_of(name: str, *, coherent: float = 1.0) -> Arm:
    """A simulated arm under a vector of two coordinates."""
    doses = Scene(0).arm(name, *NATIVE, coherent=coherent)
    vector = vector_in(space("mini-mistral"), torch.ones(2))
    return Arm(model="mini-mistral", doses=doses, completions=[], vector=vector)


@pytest.mark.parametrize(("loss", "odd"), [(0.0, 0.5), (0.2, 0.5), (0.0, 0.1)])
def test_a_cell_that_is_not_eligible_is_noted(loss, odd):
    """Broken answers or too small an effect, wherever everything was written all the same."""
    cell = Tried(
        site=Site(layer=1, point="resid_post"),
        kappa=0.05,
        relative_norm=0.3,
        odd=odd,
        coherence_loss=loss,
        censored=0.0,
        floor=0.3,
    )
    arm = replace(arm_of("native"), kappa=0.05, search=Search(tried=[cell], chosen=cell))
    found = list(notes(OWN, Measured(assessment=JUDGED, arms=(arm,))))
    assert any("no cell is eligible" in note for note in found) is (not cell.eligible)


def test_robustness_rows_are_told_and_judge_nothing():
    """At the same relative depth, and at the norm of the target's own vector."""
    claim = RawTransfer(id="x", title="x", criterion=Fails())
    arms = tuple(arm_of(name) for name in ("raw", "native", *ROBUSTNESS))
    found = list(notes(claim, Measured(assessment=JUDGED, arms=arms)))
    assert sum("shown, not judged" in note for note in found) == len(ROBUSTNESS)


def test_an_arm_called_by_another_name_has_done_the_same():
    """Its key and label alone are others."""
    arm = arm_of("native")
    again = arm.called("beside", "its own verbosity vector")
    assert (again.doses.arm, again.doses.label) == ("beside", "its own verbosity vector")
    assert again.record()["per_prompt"] == arm.record()["per_prompt"]
    assert arm.doses.arm == "native"
