"""A model's own vector, as a file would carry it, in the same model with quantised weights."""

from dataclasses import replace

from prefvec.experiments.arms import Arms
from prefvec.experiments.claims import Estimator
from prefvec.experiments.control_arms import signed_permutations
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.native_arms import own_vector
from prefvec.experiments.one_arm import Arm
from prefvec.remembered import remembered
from prefvec.vectors.residual import Space
from prefvec.vectors.transfer import copied_raw
from prefvec.verdicts.doses import DOSES
from prefvec.vocabulary import WeightFormat


@remembered
def in_format(arms: Arms, model: str, weights: WeightFormat, estimator: Estimator) -> Arm:
    """The vector at the block and the norm that it has in the model as it is.

    Neither is chosen anew, and no disturbance solved for: this is what happens when a judged vector
    is used where the weights are smaller.

    Args:
        arms: measure it.
        model: the model as it is, which the vector was read from.
        weights: the format.
        estimator: how the vector is found.
    """
    lab = arms.lab
    own = arms.at_kappa(model, own_vector(arms, model, estimator))
    made = lab.models.quantised(model, weights)
    copied = copied_raw(
        own,
        Space.of(lab.models[made], own.site),
        d_model=lab.models.width(made),
        residual_norm=residual_norms(lab, made)[own.site],
    )
    vector = replace(copied, norm=own.norm)
    arm = arms.arm(made, "quantised", f"the same vector, weights in {weights}", vector, DOSES)
    return replace(arm, search=arms.cell(model))


@remembered
def random_in_format(arms: Arms, quantised: Arm) -> list[Arm]:
    """Random directions in the quantised model, each at the disturbance of the judged cell."""
    return signed_permutations(arms, quantised.model, quantised.vector)
