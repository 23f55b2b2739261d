"""The search for the norm at which one vector disturbs a model by a given κ."""

import math

from prefvec.errors import PrefvecError
from prefvec.vectors.vector import PreferenceVector

TOLERANCE = 0.01
"""By which ln κ may miss what is wanted."""

ALLOWED = 0.02
"""By which it may where κ jumps."""

FIRST = 0.2
"""Relative norm that is tried first, whatever the vector."""

LEAST, MOST = 1e-7, 1e3
"""Relative norms between which a dose is sought."""

_STEP = math.log(4.0)  # of ln norm at most, upwards: what lies beyond a hump is not the smallest
_DIVE = 3 * _STEP  # at most, downwards: the line is flat where κ has nearly reached its ceiling
_SLOPE = 2.0  # of ln κ over ln norm, while norms are small
_SLOPES = (0.5, 10.0)
_NARROW = 1e-5  # between trials, in ln norm: what is wanted lies in a jump


class DoseSearch:
    """Asks for κ at one norm after the other, and tells the norm once it is known.

    ln κ is nearly a straight line of slope 2 over ln norm, so the line through the two best
    trials soon meets what is wanted. The smallest norm where κ rises past it is kept between
    two trials; where the line leaves them, they are halved.

    Args:
        kappa: what is wanted, in nats.
        vector: whose norm is sought; its own does not matter.

    Raises:
        PrefvecError: if κ is not finite and above 0.
    """

    def __init__(self, kappa: float, vector: PreferenceVector) -> None:
        if not (math.isfinite(kappa) and kappa > 0):
            raise PrefvecError(
                f"No dose has a disturbance of {kappa} nats. Give one that is finite and above "
                "0, such as 0.15; for no steering at all use UNSTEERED."
            )
        self.found: float | None = None
        self._kappa = kappa
        self._vector = vector
        self._trials: list[tuple[float, float]] = []  # ln relative norm, ln (κ / wanted)
        self._next = math.log(FIRST)

    def norm(self) -> float:
        """The norm to try next, in residual units."""
        return math.exp(self._next) * self._vector.residual_norm

    def learn(self, kappa: float) -> None:
        """Take in the κ that was measured at `norm()`.

        Raises:
            PrefvecError: if it is not finite, or what is wanted cannot be reached.
        """
        if not math.isfinite(kappa):
            raise self._failure(f"κ is {kappa}", "load the model in a wider dtype (float32)")
        missing = math.log(kappa / self._kappa) if kappa > 0 else -math.inf
        self._trials.append((self._next, missing))
        if abs(missing) <= TOLERANCE:
            nearby = min(max(self._on_the_line(), self._next - TOLERANCE), self._next + TOLERANCE)
            self.found = math.exp(nearby) * self._vector.residual_norm
            return
        low, high = self._bracket()
        if high - low < _NARROW:
            beside = [trial for trial in self._trials if trial[0] in (low, high)]
            at, missing = min(beside, key=lambda trial: abs(trial[1]))
            if abs(missing) > ALLOWED:
                raise self._failure(
                    f"κ jumps past it at {math.exp(at):.3g} times the residual norm, as routing "
                    "among experts or a narrow dtype can make it",
                    "give more answers, or load the model in float32",
                )
            self.found = math.exp(at) * self._vector.residual_norm
            return
        self._next = self._proposal()
        if self._next > math.log(MOST):
            most = self._kappa * math.exp(max(missing for _, missing in self._trials))
            raise self._failure(
                f"κ is no more than {most:.3g} nats up to {MOST:g} times the residual norm",
                "ask for less, or steer at another block",
            )
        if self._next < math.log(LEAST):
            raise self._failure(
                f"κ is more than that down to {LEAST:g} times the residual norm",
                "load the model in a wider dtype (float32)",
            )

    def _proposal(self) -> float:
        """Where to try next: on the curve, inside the bracket."""
        low, high = self._bracket()
        if high == math.inf:
            line = self._on_the_line()
            return min(line, low + _STEP) if line > low else low + _STEP
        if low == -math.inf:
            line = self._on_the_line()
            return max(line, high - _DIVE) if line < high else high - _STEP
        # Where the curve has closed in from one side only, the other is not waited for.
        slow = len(self._trials) % 6 == 0
        guesses = () if slow else (self._on_the_curve(), self._on_the_line())
        return next((at for at in guesses if low < at < high), (low + high) / 2)

    def _bracket(self) -> tuple[float, float]:
        """The smallest trial that is too strong, and the largest weaker one below it."""
        high = min((at for at, missing in self._trials if missing > 0), default=math.inf)
        low = max((at for at, _ in self._trials if at < high), default=-math.inf)
        return low, high

    def _best(self, count: int) -> list[tuple[float, float]]:
        """The trials that miss least, at norms that do something."""
        some = [trial for trial in self._trials if math.isfinite(trial[1])]
        return sorted(some, key=lambda trial: (abs(trial[1]), trial[0]))[:count]

    def _on_the_line(self) -> float:
        """Where the line through the two best trials meets what is wanted."""
        if not self._trials or not (best := self._best(2)):
            return math.inf
        (at, missing), *others = best
        slope = _SLOPE
        if others and others[0][0] != at:
            slope = (missing - others[0][1]) / (at - others[0][0])
        return at - missing / min(max(slope, _SLOPES[0]), _SLOPES[1])

    def _on_the_curve(self) -> float:
        """Where the parabola through the three best trials does: ln norm over ln κ."""
        best = self._best(3)
        if len({missing for _, missing in best}) < 3:
            return math.inf
        (x, a), (y, b), (z, c) = best
        return (
            x * b * c / ((a - b) * (a - c))
            + y * a * c / ((b - a) * (b - c))
            + z * a * b / ((c - a) * (c - b))
        )

    def _failure(self, why: str, remedy: str) -> PrefvecError:
        vector = self._vector
        return PrefvecError(
            f"The {vector.trait} vector ({vector.estimator}) at {vector.site} cannot be given the "
            f"disturbance {self._kappa:g}: {why}. Doses of equal disturbance are not to be had "
            f"for it; {remedy}."
        )
