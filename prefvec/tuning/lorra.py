"""LoRRA: what instructions do to activations, tuned in; and a vector in their place."""

from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.text.traits import Trait
from prefvec.text.verbatim import Said
from prefvec.tuning.adaptation import Adaptation, Trainer, adapt
from prefvec.tuning.contrasts import Contrast, contrasts
from prefvec.tuning.objectives import match_target
from prefvec.tuning.patterns import constant, instructed
from prefvec.tuning.placement import Placement
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.training import Progress
from prefvec.tuning.tuned import Tuned
from prefvec.vectors.vector import PreferenceVector

LORRA_COEFFICIENT = 5.0
"""α of LoRRA (Zou et al. 2023)."""
RAHF_COEFFICIENT = 1.0
"""α of RAHF (Liu et al. 2024, the paper; their scripts run with 5)."""


def lorra(
    model: LanguageModel,
    trait: Trait,
    said: Sequence[Said],
    folder: Path,
    *,
    coefficient: float = LORRA_COEFFICIENT,
    placement: Placement | None = None,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
    trainer: Trainer = adapt,
) -> Tuned:
    """Low-rank representation adaptation: T = h + α (h₊ − h₋) on the tokens of given answers.

    Zou et al. 2023, "Representation Engineering: A Top-Down Approach to AI Transparency" (arXiv
    2310.01405). With the adapter disabled the same model gives h, without an instruction, and h₊
    and h₋ under the instruction for either pole; the loss is the mean over layers and response
    positions of the L2 norm of h(LoRA) − T.

    Args:
        model: what is tuned; it comes out as it went in.
        trait: whose extraction instructions give h₊ and h₋.
        said: questions without instructions, each with an answer, best in the model's own words.
        folder: where the adapter is written, and checkpoints before.
        coefficient: α; negative towards the negative pole.
        placement: where LoRA is put; the paper's, at this model's depth, when None.
        recipe: how it is trained; the paper's when None.
        progress: told after each step.
        trainer: what trains.

    Raises:
        PrefvecError: if peft is not installed; otherwise see `contrasts` and `adapt`.
    """
    return lorra_on(
        model,
        trait.name,
        contrasts(model, trait, said),
        folder,
        coefficient=coefficient,
        placement=placement,
        recipe=recipe,
        progress=progress,
        trainer=trainer,
    )


def lorra_on(
    model: LanguageModel,
    trait: str,
    examples: Sequence[Contrast],
    folder: Path,
    *,
    coefficient: float = LORRA_COEFFICIENT,
    placement: Placement | None = None,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
    trainer: Trainer = adapt,
) -> Tuned:
    """The same, on contrasts that are encoded already: e.g. with poles swapped, as a control.

    Arguments as for `lorra`; the trait is only named.
    """
    what = Adaptation(
        method="LoRRA", trait=trait, coefficient=coefficient, examples=tuple(examples)
    )
    return trainer(
        model,
        what,
        lambda reader: match_target(reader, examples, instructed(reader), coefficient),
        folder,
        placement=placement or Placement.of(model),
        recipe=recipe or Recipe(),
        progress=progress,
    )


def rahf_towards(
    model: LanguageModel,
    vector: PreferenceVector,
    trait: Trait,
    said: Sequence[Said],
    folder: Path,
    *,
    coefficient: float = RAHF_COEFFICIENT,
    placement: Placement | None = None,
    recipe: Recipe | None = None,
    progress: Progress | None = None,
    trainer: Trainer = adapt,
) -> Tuned:
    """RAHF with a given vector as its target: T = h + α v at the vector's site.

    Step two of Liu et al. 2024 (arXiv 2312.15997) with one vector in place of the activity
    patterns: the model's own, or one that an adapter has carried here from another model. That is
    a deviation from the paper, whose patterns differ from position to position.

    Args:
        model: what is tuned; it comes out as it went in.
        vector: of this model; α times it is added, so give it at the dose that is meant.
        trait: of the vector.
        said: questions without instructions, each with an answer.
        folder: where the adapter is written, and checkpoints before.
        coefficient: α, in units of the vector; negative the other way.
        placement: where LoRA is put; the papers', at the vector's site, when None.
        recipe: how it is trained.
        progress: told after each step.
        trainer: what trains.

    Raises:
        PrefvecError: if the vector belongs to another model, or the placement matches another
            site; otherwise as for `lorra`.
    """
    vector.require(model)
    placement = placement or Placement(sites=(vector.site,))
    if placement.sites != (vector.site,):
        raise PrefvecError(
            f"The vector is one of {vector.site}, and the placement matches "
            f"{', '.join(map(str, placement.sites))}. Its coordinates mean nothing elsewhere: "
            "match its own site."
        )
    examples = contrasts(model, trait, said)
    what = Adaptation(
        method="RAHF towards a vector",
        trait=trait.name,
        coefficient=coefficient,
        examples=tuple(examples),
        vector=vector.fingerprint,
        also_read=vector.read_from,
    )
    return trainer(
        model,
        what,
        lambda reader: match_target(reader, examples, constant(vector), coefficient),
        folder,
        placement=placement,
        recipe=recipe or Recipe(),
        progress=progress,
    )
