"""RAHF: activity patterns of models that were tuned on preferences, tuned in.

Liu et al. 2024, "Aligning Large Language Models with Human Preferences through Representation
Engineering" (arXiv 2312.15997). Step one finds patterns, step two tunes them in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prefvec.models.language_model import LanguageModel
from prefvec.tuning.adaptation import Adaptation, Trainer, adapt
from prefvec.tuning.contrasts import Contrast, Preference
from prefvec.tuning.lorra import RAHF_COEFFICIENT
from prefvec.tuning.objectives import Objective, heed_instructions, match_target, say_answers
from prefvec.tuning.patterns import Pattern, between, instructed
from prefvec.tuning.placement import SCIT_DEPTHS, Placement
from prefvec.tuning.reading import Reader
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.training import Progress
from prefvec.tuning.tuned import Tuned


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How the two steps are trained.

    Attributes:
        first: of the models whose patterns are read.
        second: of the model that they are tuned into.
    """

    first: Recipe
    second: Recipe

    @classmethod
    def usual(cls) -> "Steps":
        """As many of either as LoRRA takes."""
        return cls(first=Recipe(), second=Recipe())


def rahf_scit(
    model: LanguageModel,
    trait: str,
    preferences: Sequence[Preference],
    folder: Path,
    *,
    coefficient: float = RAHF_COEFFICIENT,
    placement: Placement | None = None,
    steps: Steps | None = None,
    step_one: Path | None = None,
    progress: Progress | None = None,
    trainer: Trainer = adapt,
) -> Tuned:
    """Single model, contrastive instruction tuning: one model tells good from bad instructions.

    Step one tunes an adapter to say chosen answers under the instruction for the positive pole
    and rejected ones under that for the negative, and not the other way round. Its activations
    under the two, on the same answers, are h₊ and h₋.

    Deviations from the paper: step one is LoRA and no full fine-tuning, step two begins from the
    base model, and answers are read without an instruction where h is. Faults of the published
    code are not repeated: see `losses` and `contrasts`.

    Args:
        model: what is tuned; it comes out as it went in.
        trait: the preference.
        preferences: answers of both kinds, e.g. of `preferences`.
        folder: where the adapter is written.
        coefficient: α; negative towards the rejected answers.
        placement: where LoRA is put in both steps; the paper's when None.
        steps: how both are trained.
        step_one: where the adapter of step one is kept, as `instructed`; in `folder` when None.
            Both signs of α share it.
        progress: told after each step of training.
        trainer: what trains.

    Raises:
        PrefvecError: as for `lorra`.
    """
    placement, steps = placement or Placement.of(model, SCIT_DEPTHS), steps or Steps.usual()
    what = Adaptation(
        method="RAHF-SCIT, step one", trait=trait, coefficient=1.0, examples=tuple(preferences)
    )
    first = trainer(
        model,
        what,
        lambda reader: heed_instructions(reader, preferences),
        (step_one or folder) / "instructed",
        placement=placement,
        recipe=steps.first,
        progress=progress,
    )
    return _second(
        model,
        Adaptation(
            method="RAHF-SCIT",
            trait=trait,
            coefficient=coefficient,
            examples=_both(preferences),
            beside={"instructed": first},
        ),
        lambda reader: instructed(reader, "instructed"),
        folder,
        placement=placement,
        recipe=steps.second,
        progress=progress,
        trainer=trainer,
    )


def rahf_dual(
    model: LanguageModel,
    trait: str,
    preferences: Sequence[Preference],
    folder: Path,
    *,
    coefficient: float = RAHF_COEFFICIENT,
    placement: Placement | None = None,
    steps: Steps | None = None,
    step_one: Path | None = None,
    progress: Progress | None = None,
    trainer: Trainer = adapt,
) -> Tuned:
    """Two models: one tuned on chosen answers gives h₊, one on rejected answers h₋.

    No instruction is read. Deviation from the paper: the two models are two named LoRA adapters
    on one base, and step two begins from the base and not from the model tuned on chosen answers.

    Args:
        model: what is tuned; it comes out as it went in.
        trait: the preference.
        preferences: answers of both kinds.
        folder: where the adapter is written.
        coefficient: α; negative towards the rejected answers.
        placement: where LoRA is put; the paper's when None.
        steps: how they are trained.
        step_one: where the adapters of step one are kept, as `chosen` and `rejected`; in `folder`
            when None. Both signs of α share them.
        progress: told after each step of training.
        trainer: what trains.

    Raises:
        PrefvecError: as for `lorra`.
    """
    placement, steps = placement or Placement.of(model), steps or Steps.usual()
    sides = {
        "chosen": [each.chosen for each in preferences],
        "rejected": [each.rejected for each in preferences],
    }
    beside = {
        name: trainer(
            model,
            Adaptation(
                method=f"RAHF-DUAL, {name} answers",
                trait=trait,
                coefficient=1.0,
                examples=tuple(side),
            ),
            _saying(side),
            (step_one or folder) / name,
            placement=placement,
            recipe=steps.first,
            progress=progress,
        )
        for name, side in sides.items()
    }
    return _second(
        model,
        Adaptation(
            method="RAHF-DUAL",
            trait=trait,
            coefficient=coefficient,
            examples=_both(preferences),
            beside=beside,
        ),
        lambda reader: between(reader, "chosen", "rejected"),
        folder,
        placement=placement,
        recipe=steps.second,
        progress=progress,
        trainer=trainer,
    )


def _second(
    model: LanguageModel,
    what: Adaptation,
    pattern: Callable[[Reader], Pattern],
    folder: Path,
    *,
    placement: Placement,
    recipe: Recipe,
    progress: Progress | None,
    trainer: Trainer,
) -> Tuned:
    """Tune a pattern in."""
    examples = [each for each in what.examples if isinstance(each, Contrast)]
    return trainer(
        model,
        what,
        lambda reader: match_target(reader, examples, pattern(reader), what.coefficient),
        folder,
        placement=placement,
        recipe=recipe,
        progress=progress,
    )


def _saying(side: Sequence[Contrast]) -> Callable[[Reader], Objective]:
    return lambda reader: say_answers(reader, side)


def _both(preferences: Sequence[Preference]) -> tuple[Contrast, ...]:
    """Chosen and rejected answers, one after the other: patterns are read on both."""
    return tuple(each for pair in preferences for each in (pair.chosen, pair.rejected))
