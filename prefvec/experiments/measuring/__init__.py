"""From a claim to what decides it: a function for each kind of claim.

Each measures the arms its claim compares, with the controls that its class names, and assesses
them by the rule of its criterion.
"""

from prefvec.experiments.measuring.measure import measure, models_of, prepare

__all__ = ["measure", "models_of", "prepare"]
