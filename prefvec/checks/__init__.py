"""A model on trial: laws that every measurement takes for granted, checked on the model itself."""

from prefvec.checks.model_checks import CheckResult, check

__all__ = ["CheckResult", "check"]
