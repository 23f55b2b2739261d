"""The one exception a user is meant to read."""


class PrefvecError(Exception):
    """An expected failure: its message says what went wrong, why, and what to do next."""
