"""How numbers are written for readers: "×1.62 [1.48, 1.77]", "p = .003", "−4.1 points"."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from prefvec.report.record import Claim
from prefvec.vocabulary import Scale

NOT_MEASURED = "—"


def decimal(value: float | None, digits: int = 2) -> str:
    """A number with a true minus sign; values that round to zero carry no sign."""
    if value is None:
        return NOT_MEASURED
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")


def factor(value: float | None) -> str:
    """A ratio, "×1.62"."""
    return NOT_MEASURED if value is None else f"×{decimal(value)}"


def percent(value: float | None, digits: int = 0) -> str:
    """A share, "97 %"."""
    return NOT_MEASURED if value is None else f"{decimal(100 * value, digits)} %"


def pvalue(value: float | None) -> str:
    """A p-value in the usual three digits, "< .001" below them."""
    if value is None:
        return NOT_MEASURED
    if value < 0.001:
        return "< .001"
    return "1" if value > 0.9995 else f"{value:.3f}".lstrip("0")


def ratio_interval(measured: Mapping[str, Any] | None) -> str:
    """A factor with its interval, "×1.62 [1.48, 1.77]"."""
    if measured is None or measured["factor"] is None:
        return NOT_MEASURED
    return factor(measured["factor"]) + _bracket(measured, lambda x: decimal(x))


def on_scale(value: float | None, scale: Scale | None) -> str:
    """A value in its own unit: "log" as a factor, "share" and "points" in hundredths."""
    if value is None:
        return NOT_MEASURED
    if scale == "log":
        return factor(math.exp(value))
    if scale == "share":
        return percent(value)
    if scale == "points":
        return f"{decimal(100 * value, 1)} points"
    return decimal(value)


def tick(value: float, scale: Scale) -> str:
    """A round value at an axis, in the unit of its scale and no longer than it need be."""
    if scale == "log":
        return f"×{math.exp(value):.3g}"
    hundredths = scale in ("share", "points")
    text = f"{round(100 * value if hundredths else value, 6):g}".replace("-", "−")
    return f"{text} %" if scale == "share" else text


def scale_interval(measured: Mapping[str, Any] | None, scale: Scale | None) -> str:
    """An estimate with its interval in its own unit; one end alone is the bound of a test."""
    if measured is None or measured.get("estimate") is None:
        return NOT_MEASURED

    def bare(value: float) -> str:
        if scale == "log":
            return decimal(math.exp(value))
        if scale in ("share", "points"):
            return decimal(100 * value, 0 if scale == "share" else 1)
        return decimal(value)

    told = on_scale(measured["estimate"], scale)
    low, high = measured.get("low"), measured.get("high")
    if low is not None and high is None:
        return f"{told}, at least {on_scale(low, scale)}"
    if high is not None and low is None:
        return f"{told}, at most {on_scale(high, scale)}"
    return told + _bracket(measured, bare)


def duration(seconds: float | None) -> str:
    """Seconds as people say them: "8.4 s", "6 min 12 s", "1 h 5 min"."""
    if seconds is None:
        return NOT_MEASURED
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def needed(claim: Claim) -> str:
    """The criterion in a few characters, from its committed parameters."""
    parameters = claim["criterion"]["parameters"]
    margin = parameters.get("margin")
    smallest, phi, rho = (parameters.get(key) for key in ("D", "phi", "rho"))
    steers = NOT_MEASURED if smallest is None else f"≥ {factor(math.exp(smallest))}"
    match claim["kind"]:
        case "fails":
            return NOT_MEASURED if phi is None else f"< {percent(phi)} of native"
        case "works" if rho is not None:
            return f"{steers}, > {percent(rho)} of native"
        case "exceeds" if margin is not None:
            tested = [part for part in claim["components"] if part["role"] == "test"]
            scale = tested[0].get("scale") if tested else "log"
            return f"> {on_scale(margin, scale)}"
        case "generalises":
            share = f"< {percent(phi)}" if phi is not None else f"> {percent(rho or 0.0)}"
            return f"{share} of native, over targets"
        case "spares" if phi is not None:
            return f"within ±{percent(phi)} of native"
        case _:
            return steers


def _bracket(measured: Mapping[str, Any], write: Callable[[float], str]) -> str:
    low, high = measured.get("low"), measured.get("high")
    return "" if low is None or high is None else f" [{write(low)}, {write(high)}]"
