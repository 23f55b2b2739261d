"""Shifts of the log-odds of going on that were read before, kept in files beside the completions.

A sieve of a real model reads for minutes and writes no answer; and each judged arm is read again.
"""

from collections.abc import Sequence
from pathlib import Path

from prefvec.experiments.kept_tables import load, save
from prefvec.experiments.what_is_read import digest_of_reading
from prefvec.generation.ending_odds import going_on_shifts
from prefvec.models.decisive import LOADED_AND_SPOKEN_TO
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said
from prefvec.vectors.steering import Steering

DECIDES = (
    *LOADED_AND_SPOKEN_TO,
    "prefvec.experiments.kept_shifts",
    "prefvec.generation.batches",
    "prefvec.generation.cache",
    "prefvec.generation.decoding",
    "prefvec.generation.ending_odds",
    "prefvec.generation.lanes",
    "prefvec.generation.nearby",
    "prefvec.generation.noise",
    "prefvec.generation.perplexity",
    "prefvec.generation.teacher_forcing",
    "prefvec.text.metrics.sentence_ends",
    "prefvec.vectors.partial_passes",
    "prefvec.vectors.steering",
)
"""Modules that decide what a shift is. When one of them changes, answers are read again."""


def kept_shifts(
    folder: Path, model: LanguageModel, turns: Sequence[Said], steerings: Sequence[Steering]
) -> list[dict[str, float]]:
    """What `going_on_shifts` finds, from the file of an earlier call where there is one.

    There is one file for a model and the turns that it reads. Steerings that add the same are one.

    Args:
        folder: where the files are; made when first written to.
        model: reads the answers.
        turns: prompts, each with an answer that the model gave unsteered.
        steerings: of the model, each at +c.

    Raises:
        PrefvecError: as `going_on_shifts` does.
    """
    path = folder / f"{digest_of_reading('going on', model, turns, DECIDES)}.json"
    shifts = load(path)
    lacking = {each.fingerprint: each for each in steerings if each.fingerprint not in shifts}
    if lacking:
        read = going_on_shifts(model, turns, list(lacking.values()))
        shifts |= dict(zip(lacking, read, strict=True))
        save(path, shifts)
    return [dict(shifts[each.fingerprint]) for each in steerings]
