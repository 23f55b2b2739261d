"""A preference tuned into a model by LoRA: LoRRA, RAHF, and a vector as their target."""

from prefvec.tuning.contrasts import Contrast, Preference, contrasts, preferences
from prefvec.tuning.lorra import (
    LORRA_COEFFICIENT,
    RAHF_COEFFICIENT,
    lorra,
    lorra_on,
    rahf_towards,
)
from prefvec.tuning.placement import LORRA_DEPTHS, SCIT_DEPTHS, Placement
from prefvec.tuning.rahf import Steps, rahf_dual, rahf_scit
from prefvec.tuning.recipe import Recipe
from prefvec.tuning.tuned import Tuned

__all__ = [
    "LORRA_COEFFICIENT",
    "LORRA_DEPTHS",
    "RAHF_COEFFICIENT",
    "SCIT_DEPTHS",
    "Contrast",
    "Placement",
    "Preference",
    "Recipe",
    "Steps",
    "Tuned",
    "contrasts",
    "lorra",
    "lorra_on",
    "preferences",
    "rahf_dual",
    "rahf_scit",
    "rahf_towards",
]
