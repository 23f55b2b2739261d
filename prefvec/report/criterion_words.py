"""The numbers of a criterion, each symbol with what it means where it stands."""

import math

from prefvec.report.numerals import decimal, factor, percent
from prefvec.report.record import Claim


def parameters(claim: Claim) -> list[str]:
    """Such as "D = ln 1.25, so ×1.25 is the smallest effect of interest"."""
    return [
        _told(name, value)
        for name, value in claim["criterion"]["parameters"].items()
        if value is not None
    ]


def _told(name: str, value: float) -> str:
    match name:
        case "alpha":
            return f"α = {value:g}, the level of every test"
        case "D":
            return f"D = ln {math.exp(value):.3g}, the smallest effect of interest, {_times(value)}"
        case "phi":
            return f"φ = {percent(value)} of native, below which a transfer has failed"
        case "rho":
            return f"ρ = {percent(value)} of native, above which a transfer works"
        case "margin":
            return f"margin {decimal(value)} ({_times(value)} where it is a log ratio)"
        case "coherence_margin":
            return f"at most {decimal(100 * value, 0)} points of coherent answers lost"
        case _:
            return f"{name.replace('_', ' ')} = {value:.3g}"


def _times(value: float) -> str:
    return factor(math.exp(value))
