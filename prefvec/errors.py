"""The one exception a user is meant to read."""


class PrefvecError(Exception):
    """An expected failure: its message says what went wrong, why, and what to do next.

    Example:
        >>> pv.load("mini-mistrol")
        Traceback (most recent call last):
        ...
        prefvec.errors.PrefvecError: There is no model 'mini-mistrol'... Did you mean mini-mistral?
    """
