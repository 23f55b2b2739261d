"""Explorations: few prompts, many cells, one contrast each that was stated beforehand."""

from collections.abc import Callable

from prefvec.experiments.claims import StudyName
from prefvec.experiments.explorations.exposure import exposure
from prefvec.experiments.explorations.foresight import foresight
from prefvec.experiments.explorations.free_search import free_search
from prefvec.experiments.explorations.layers import layers, layers_later
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.explorations.references import paired_prompts, reference_deltas
from prefvec.experiments.explorations.resampling import resampling
from prefvec.experiments.measured import Measured

STUDIES: dict[StudyName, Callable[[Look], Measured]] = {
    "exposure": exposure,
    "reference deltas": reference_deltas,
    "paired prompts": paired_prompts,
    "layers": layers,
    "layers, later": layers_later,
    "free search": free_search,
    "foresight": foresight,
    "resampling": resampling,
}
"""The explorations that a claim can state, by name."""
