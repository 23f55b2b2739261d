"""What a claim's file states: one class for each kind of claim.

A file says `from prefvec.experiments.claims import AdaptedTransfer`, or whichever kind it needs.
"""

from prefvec.experiments.claims.claim import (
    CAA,
    ESTIMATORS,
    Claim,
    ClaimOfVector,
    Control,
    Estimator,
    Judging,
    Reference,
)
from prefvec.experiments.claims.exploring import Exploration, StudyName
from prefvec.experiments.claims.single_model import (
    AsGoodAsAsking,
    Quantised,
    Selectivity,
    SelfSteering,
)
from prefvec.experiments.claims.transfer import (
    ADAPTERS,
    AdaptedTransfer,
    AdapterExceeds,
    AdapterMethod,
    BetweenModels,
    CarriedExceedsNative,
    RawTransfer,
)
from prefvec.experiments.claims.tuned import CarriedTuning, TunedFamily, Tuning, TuningMethod

__all__ = [
    "ADAPTERS",
    "CAA",
    "ESTIMATORS",
    "AdaptedTransfer",
    "AdapterExceeds",
    "AdapterMethod",
    "AsGoodAsAsking",
    "BetweenModels",
    "CarriedExceedsNative",
    "CarriedTuning",
    "Claim",
    "ClaimOfVector",
    "Control",
    "Estimator",
    "Exploration",
    "Judging",
    "Quantised",
    "RawTransfer",
    "Reference",
    "Selectivity",
    "SelfSteering",
    "StudyName",
    "TunedFamily",
    "Tuning",
    "TuningMethod",
]
