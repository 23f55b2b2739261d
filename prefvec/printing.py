"""What is printed on a terminal that has not every letter."""

import sys


def say(text: object, *, end: str = "\n") -> None:
    """Print on standard output; what its encoding lacks is escaped, and nothing fails.

    Example:
        >>> say("κ 0.15")
        κ 0.15
    """
    encoding = sys.stdout.encoding or "utf-8"
    print(str(text).encode(encoding, "backslashreplace").decode(encoding), end=end, flush=True)
