"""What could tell beforehand whether a vector steers and an adapter carries it."""

from prefvec.diagnostics.accessibility import Accessibility, accessibility
from prefvec.diagnostics.adapter_diagnostics import Refits, cosine, diagnose, refitted
from prefvec.diagnostics.likelihood import (
    contrast_shift,
    leverage,
    log_likelihoods,
    next_token_shift,
)
from prefvec.diagnostics.logit_lens import LensAgreement, LogitLens, lens_agreement
from prefvec.diagnostics.similarity import cka_table, linear_cka, matched

__all__ = [
    "Accessibility",
    "LensAgreement",
    "LogitLens",
    "Refits",
    "accessibility",
    "cka_table",
    "contrast_shift",
    "cosine",
    "diagnose",
    "lens_agreement",
    "leverage",
    "linear_cka",
    "log_likelihoods",
    "matched",
    "next_token_shift",
    "refitted",
]
