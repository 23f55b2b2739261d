"""On which scale a number is, and in what words it is told."""

import math

from prefvec.vocabulary import Scale


def told(value: float, scale: Scale) -> str:
    """A number in the words of its scale.

    Args:
        value: on that scale: a logarithm of a factor, or a proportion as a fraction of 1.
        scale: how it is told.

    Example:
        >>> told(0.48, "log"), told(0.38, "share"), told(-0.04, "points"), told(0.9, "correlation")
        ('×1.62', '38 %', '−4.0 points', '+0.90')
    """
    if not math.isfinite(value):
        return "undefined"
    if scale == "log":
        return f"×{math.exp(value):.2f}" if value < 20 else "×∞"
    if scale == "share":
        return f"{round(100 * value)} %".replace("-", "−")
    if scale == "correlation":
        rounded = round(value, 2)
        return f"{rounded:+.2f}".replace("-", "−") if rounded else "0.00"
    points = round(100 * value, 1)
    return f"{points:+.1f} points".replace("-", "−") if points else "0.0 points"


def told_interval(low: float, high: float, scale: Scale) -> str:
    """An interval after the number it belongs to, both ends on the scale.

    Example:
        >>> told_interval(0.392, 0.571, "log")
        '[1.48, 1.77]'
    """
    ends = (told(end, scale).removeprefix("×").split(" ")[0] for end in (low, high))
    return f"[{', '.join(ends)}]"


def told_p(pvalue: float) -> str:
    """A p-value as text.

    Example:
        >>> told_p(0.0123), told_p(1e-5)
        ('p = 0.012', 'p < 0.001')
    """
    return "p < 0.001" if pvalue < 0.001 else f"p = {pvalue:.3f}"


def told_dose(coefficient: float) -> str:
    """A coefficient of steering with its sign.

    Example:
        >>> told_dose(1.0), told_dose(-0.5)
        ('+1', '−0.5')
    """
    return f"{coefficient:+g}".replace("-", "−")
