"""How long one thread waits awake for another: briefly, since the other may have no core.

torch divides even small products among its threads, and those that are done wait awake for the
last. By default they do so for milliseconds. On a machine that does other work besides, the last
one is often not running at all, and waits for the core on which the others wait for it. What that
costs is measured by `benchmarks/busy.py`.
"""

import os
from collections.abc import MutableMapping

SPINS = "1000"
"""Turns of a loop; some fifty microseconds."""

SETTINGS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""By any of these a user has decided it."""


def wait_briefly(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let waiting threads give up their core soon. To be called before torch is loaded.

    Args:
        environment: of this process; nothing is changed where it says how to wait.

    Example:
        >>> made: dict[str, str] = {}
        >>> wait_briefly(made)
        >>> made
        {'GOMP_SPINCOUNT': '1000'}
    """
    if not any(setting in environment for setting in SETTINGS):
        environment["GOMP_SPINCOUNT"] = SPINS
