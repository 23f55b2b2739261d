"""What an effect is measured in: each prompt's answers become one value on the log scale."""

import hashlib
import inspect
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.provenance import tree_of
from prefvec.text.completions import Completion
from prefvec.text.metrics import formality_cues, words

Counts = tuple[float, float]
"""Of one answer: what speaks for the measured quality, and what speaks against it."""


REVERSED = "-reversed"
"""How the name of a measure ends whose positive pole is less of what it counts."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A quality of answers whose changes are factors.

    Attributes:
        name: names it in files, in `[a-z0-9-]`.
        what: what is counted, e.g. "words per answer" or "formal over casual cues".
        up: what an answer with more of it is, e.g. "longer".
        down: what an answer with less of it is, e.g. "shorter".
        count: for and against, of one answer; at least 0.
        form: "amount": y = ln(1 + mean of what speaks for it); "balance": the empirical log odds
            y = ln((sum for + ½) / (sum against + ½)), whose ½ keeps it finite and takes away the
            bias of first order (Haldane 1956; Anscombe 1956).
        sign: 1, or −1 where less of the counted quantity is more of the quality.
        code: digest of the function's source, of a measure that a user has registered, so that
            what an earlier version has found is told apart; "" for those of the package.
        ahead: is given all answers of an arm before `count` is given each of them, where they are
            better read together, as by a judge who is paid; None where that makes no difference.
        unread: whether `count` may be nan, as where a judge's marks cannot be read.

    Example:
        >>> letters = pv.Measure(
        ...     name="letters",
        ...     what="letters per answer",
        ...     up="longer",
        ...     down="shorter",
        ...     count=lambda answer: (float(len(answer.text)), 0.0),
        ...     form="amount",
        ... )
        >>> letters.reversed().up
        'shorter'
    """

    name: str
    what: str
    up: str
    down: str
    count: Callable[[Completion], Counts]
    form: Literal["amount", "balance"]
    sign: Literal[-1, 1] = 1
    code: str = ""
    ahead: Callable[[Sequence[Completion]], None] | None = None
    unread: bool = False

    @property
    def quantity(self) -> str:
        """What an effect is a factor of: an amount itself, of a balance its odds."""
        return self.what if self.form == "amount" else f"odds of {self.what}"

    @property
    def of_length(self) -> bool:
        """Whether it counts words, whichever way: then the odds of going on say more of it."""
        return self.name.removesuffix(REVERSED) == WORDS.name

    @property
    def outcome_of_odds(self) -> str:
        """What more of a trait about length makes likelier at a sentence's end.

        Example:
            >>> from prefvec.text.measures import WORDS
            >>> WORDS.outcome_of_odds, WORDS.reversed().outcome_of_odds
            ('going on', 'ending')
        """
        return "going on" if self.sign > 0 else "ending"

    def log_values(
        self, speaking_for: NDArray[np.float64], against: NDArray[np.float64], answers: int
    ) -> NDArray[np.float64]:
        """The value y of every prompt, from the sums over its answers.

        Args:
            speaking_for: by prompt, summed over its answers.
            against: likewise.
            answers: answers to a prompt.
        """
        if self.form == "amount":
            return self.sign * np.log1p(speaking_for / answers)
        return self.sign * np.log((speaking_for + 0.5) / (against + 0.5))

    def reversed(self) -> "Measure":
        """The same quantity for the opposite quality: of a trait whose positive pole is less."""
        return replace(
            self,
            name=f"{self.name}{REVERSED}",
            what=f"{self.what}, inverted",
            up=self.down,
            down=self.up,
            sign=-1 if self.sign == 1 else 1,
        )


def answer_words(answer: Completion) -> float:
    """The words that effects are measured in: expected ones where there are, else the text's.

    Args:
        answer: its text is read by people and may be cut by the cap; its expected words are not.
    """
    return float(words(answer.text)) if answer.expected_words is None else answer.expected_words


def _word_counts(answer: Completion) -> Counts:
    return answer_words(answer), 0.0


def _formality_counts(answer: Completion) -> Counts:
    return formality_cues(answer.text)


WORDS = Measure(
    name="words",
    what="words per answer",
    up="longer",
    down="shorter",
    count=_word_counts,
    form="amount",
)
FORMALITY = Measure(
    name="formality",
    what="formal over casual cues",
    up="more formal",
    down="more casual",
    count=_formality_counts,
    form="balance",
)
MEASURES = {known.name: known for known in (WORDS, FORMALITY)}
"""Measures of any English text that come with the package, by name."""
REGISTERED: dict[str, Measure] = {}
"""Measures that users have registered with `measure`, by name."""

Amount = Callable[[str], float]
Balance = Callable[[str], Counts]


@overload
def measure(
    *, name: str, what: str, up: str, down: str, form: Literal["amount"] = "amount"
) -> Callable[[Amount], Amount]: ...
@overload
def measure(
    *, name: str, what: str, up: str, down: str, form: Literal["balance"]
) -> Callable[[Balance], Balance]: ...
def measure(
    *, name: str, what: str, up: str, down: str, form: Literal["amount", "balance"] = "amount"
) -> Callable[[Any], Any]:
    """Register a function of an answer's text as a measure that trait files can name.

    In a pytest session, register it in the `conftest.py` of the claims' folder or above it: what
    `--trait` names is read once these have been imported, and before any file of claims is.
    From Python, register it before `load_trait`.

    Args:
        name: what a trait file writes for `measure`, in `[a-z0-9-]`.
        what: what is counted, e.g. "exclamation marks per answer".
        up: what an answer with more of it is, e.g. "livelier".
        down: what an answer with less of it is, e.g. "calmer".
        form: "amount": the function returns one number of at least 0. "balance": it returns what
            speaks for the quality and what speaks against it, both at least 0.

    Returns:
        A decorator that leaves the function as it is.

    Raises:
        PrefvecError: if the name cannot stand in a file, or belongs to another measure.

    Example:
        >>> @pv.measure(
        ...     name="exclamations",
        ...     what="exclamation marks per answer",
        ...     up="livelier",
        ...     down="calmer",
        ... )
        ... def exclamations(text):
        ...     return text.count("!")
        >>> exclamations("Oh! A pebble!")
        2
    """
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise PrefvecError(
            f"{name!r} cannot name a measure in files. Use a-z, 0-9 and - alone, as in "
            '"exclamations".'
        )

    def register(function: Callable[[str], Any]) -> Callable[[str], Any]:
        own = Measure(
            name=name,
            what=what,
            up=up,
            down=down,
            count=partial(_counts, function=function, name=name, form=form),
            form=form,
            code=_code_of(function),
        )
        known = MEASURES.get(name) or REGISTERED.get(name)
        # A file may be imported twice; the same code under the same name is the same measure.
        if known is not None and replace(known, count=own.count) != own:
            raise PrefvecError(
                f"There is a measure {name!r} already ({known.what}), and this is another one. "
                "Give it another name."
            )
        REGISTERED[name] = own
        return function

    return register


def _counts(answer: Completion, *, function: Callable[[str], Any], name: str, form: str) -> Counts:
    """What a user's function finds in an answer, as counts; anything else is refused."""
    found = function(answer.text)
    pair = (found, 0.0) if form == "amount" else found
    try:
        speaking_for, against = (float(count) for count in pair)
    except (TypeError, ValueError):
        speaking_for = against = math.nan
    if not (0 <= speaking_for < math.inf and 0 <= against < math.inf):
        wanted = "a finite number of at least 0" if form == "amount" else "two such numbers"
        raise PrefvecError(
            f"The measure {name!r} returned {found!r} for {answer.text[:40]!r}, and {wanted} "
            f"belongs there, for its form is {form!r}. Mend the function, or state the other form."
        )
    return speaking_for, against


def _code_of(function: Callable[[str], Any]) -> str:
    """12 hex digits over the file a function stands in, or over its bytecode where there is none.

    The whole file counts, for a function may call others beside it.
    """
    try:
        path = inspect.getsourcefile(function)
        text = tree_of(Path(path or "").read_text(encoding="utf-8"))
    except (OSError, TypeError):
        code = function.__code__
        text = repr((code.co_code, code.co_names, code.co_consts))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
