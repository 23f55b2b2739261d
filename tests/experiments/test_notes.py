"""What the report notes about a claim's arms, and by which name it knows them."""

import pytest
import torch

from prefvec.experiments.arms import Arm
from prefvec.experiments.claims import Exploration, Selectivity, SelfSteering
from prefvec.experiments.measured import Measured
from prefvec.experiments.records import notes
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.criteria import Exceeds, Spares, Steers
from tests.simulated import NATIVE, Scene
from tests.strategies import space, vector_in

OWN = SelfSteering(id="x", title="x", criterion=Steers())
BESIDE = Selectivity(id="x", title="x", spared="formality", criterion=Spares())
EXPLORED = Exploration(id="x", title="x", study="layers", criterion=Exceeds())


def arm_of(name: str, *, coherent: float = 1.0) -> Arm:
    """A simulated arm under a vector of two coordinates."""
    doses = Scene(0).arm(name, *NATIVE, coherent=coherent)
    vector = vector_in(space("mini-mistral"), torch.ones(2))
    return Arm(model="mini-mistral", doses=doses, completions=[], vector=vector)


@pytest.mark.parametrize(
    ("claim", "noted"),
    [(OWN, True), (BESIDE, False), (EXPLORED, False)],
    ids=["steers", "spares", "exceeds"],
)
def test_lost_coherence_is_noted_where_the_criterion_has_a_margin_for_it(claim, noted):
    """Half of the answers lost at each dose; a claim about a difference knows no such margin."""
    assessment = Assessment(claim="x", criterion=claim.criterion)
    found = list(notes(claim, Measured(assessment=assessment, arms=(arm_of("a", coherent=0.5),))))
    assert any("points of coherent answers are lost" in note for note in found) is noted


def test_an_arm_called_by_another_name_has_done_the_same():
    """Its key and label alone are others."""
    arm = arm_of("native")
    again = arm.called("beside", "its own verbosity vector")
    assert (again.doses.arm, again.doses.label) == ("beside", "its own verbosity vector")
    assert again.record()["per_prompt"] == arm.record()["per_prompt"]
    assert arm.doses.arm == "native"
