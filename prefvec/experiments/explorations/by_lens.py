"""What the logit lens tells of a vector beforehand, at the block that it is of."""

from prefvec.diagnostics.accessibility import accessibility
from prefvec.diagnostics.logit_lens import LensAgreement, lens_agreement
from prefvec.experiments.arms import FEW_PROMPTS
from prefvec.experiments.claims import CAA
from prefvec.experiments.lab import Lab
from prefvec.experiments.neutral_turns import neutral_turns
from prefvec.experiments.own_vectors import native_vectors
from prefvec.experiments.readings import Readings
from prefvec.experiments.regimes import exposed
from prefvec.remembered import remembered
from prefvec.text.measures import WORDS
from prefvec.vectors.residual import Site
from prefvec.vectors.vector import PreferenceVector

NEUTRAL = exposed(0.0)
"""What is read for the mean residual: turns none of which carries an instruction."""


@remembered
def own_by_lens(lab: Lab, name: str, concept: str) -> dict[Site, dict[str, float]]:
    """`by_lens` of a model's own vector at every block, read while the model is in memory.

    Args:
        lab: where the model is.
        name: the model.
        concept: one of the material's traits.
    """
    own = native_vectors(lab, name, concept, CAA)
    return {site: by_lens(lab, name, concept, vector) for site, vector in own.items()}


def by_lens(lab: Lab, name: str, concept: str, vector: PreferenceVector) -> dict[str, float]:
    """What the lens tells of a vector of a model; nothing is generated.

    - `lens_agreement`: share of positions in neutral turns at which the block's lens and the model
      hold the same token likeliest. The same for every vector at a block.
    - `accessibility`: how much of the vector the unembedding reads, over random directions.
    - `going_on_accessibility`: how much it puts off the tokens that end answers, over random
      directions; of concepts that are measured in words alone.

    The change is taken at the mean residual of neutral turns, where the concept is read in answers.

    Args:
        lab: where the model is.
        name: the model.
        concept: one of the material's traits.
        vector: of the model, its own or one that was carried there.
    """
    trait = lab.material.traits[concept]
    rows = Readings.of(lab).read(name, NEUTRAL, concept).values[vector.site]
    access = accessibility(lab.models[name], vector, rows)
    found = {
        "lens_agreement": _agreements(lab, name)[vector.site].top1,
        "accessibility": access.relative,
    }
    if trait.measure.name == WORDS.name:
        found["going_on_accessibility"] = access.relative_going_on
    return found


@remembered
def _agreements(lab: Lab, name: str) -> dict[Site, LensAgreement]:
    """By block, over the first neutral turns."""
    return lens_agreement(lab.models[name], neutral_turns(lab)[:FEW_PROMPTS], lab.sites(name))
