"""What an object was asked before is told again, and goes with the object."""

import doctest
import gc
import weakref
from operator import attrgetter

import pytest

import prefvec.remembered
from prefvec.remembered import recalled, remembered, remembered_on


class Asked:
    """Counts how often it really works something out."""

    def __init__(self) -> None:
        self.calls = 0

    @remembered
    def total(self, x: int, *, y: int = 1) -> int:
        """A sum."""
        self.calls += 1
        return x + y


@remembered
def thrice(asked: Asked, x: int) -> int:
    """A function about its first argument."""
    asked.calls += 1
    return 3 * x


def test_the_same_question_is_worked_out_once_however_it_is_put():
    """By position, by name, and with a default left out or written."""
    asked = Asked()
    assert asked.total(2) == asked.total(x=2) == asked.total(2, y=1) == 3
    assert asked.calls == 1
    assert asked.total(2, y=2) == 4
    assert asked.calls == 2


def test_a_function_remembers_on_what_it_is_about():
    """Another object is asked for itself; a method of the same name is another question."""
    one, other = Asked(), Asked()
    assert thrice(one, 2) == thrice(one, 2) == thrice(other, 2) == 6
    assert (one.calls, other.calls) == (1, 1)
    one.total(2)
    assert one.calls == 2


def test_what_is_remembered_goes_with_the_object():
    """No table outlives it, as one of `functools.cache` would."""
    asked = Asked()
    asked.total(2)
    gone = weakref.ref(asked)
    del asked
    gc.collect()
    assert gone() is None


def test_a_question_that_failed_is_asked_again():
    """An error is no answer."""
    owner, answers = Asked(), iter([ValueError, 5])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, type):
            raise answer
        return answer

    with pytest.raises(ValueError):  # noqa: PT011  (the very one that was raised)
        recalled(owner, "key", make)
    assert recalled(owner, "key", make) == recalled(owner, "key", make) == 5


def test_the_example_runs():
    """That of the docstring."""
    assert doctest.testmod(prefvec.remembered).failed == 0


def test_what_is_so_of_another_object_is_kept_on_that_one():
    """Two askers of one object ask once; with another object, once more."""

    class Asker:
        def __init__(self, about: Asked) -> None:
            self.about = about

        @remembered_on(attrgetter("about"))
        def twice(self, x: int) -> int:
            self.about.calls += 1
            return 2 * x

    one, other = Asked(), Asked()
    assert Asker(one).twice(2) == Asker(one).twice(x=2) == Asker(other).twice(2) == 4
    assert (one.calls, other.calls) == (1, 1)
