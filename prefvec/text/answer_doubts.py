"""What a model's answers under either pole say against a trait, told once they are written.

After the codes of `lint-pairs` in steerkit 0.3.0 (identical answers, uniform ones, leakage between
the classes, a skew of length beyond threefold). The thresholds were fixed before any answer was
looked at.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean

from prefvec.text.metrics import words
from prefvec.text.trait_doubts import LONGER, is_about_length
from prefvec.text.trait_files import plain
from prefvec.text.traits import Trait

ALIKE = 1 / 4
"""The share of questions that may be answered alike under both poles, and no more."""
UNIFORM = 1 / 2
"""The share of a pole's answers that may be one and the same text."""
_FEWEST = 4
"""Of so few answers no share is told."""


def answer_doubts(
    trait: Trait, positive: Sequence[str], negative: Sequence[str], *, model: str
) -> list[str]:
    """What may keep a trait's vector in one model from being about the trait, in sentences.

    Empty where nothing is doubtful, and of fewer than four answers. Questions with no answer under
    either pole are left out, as extraction leaves them out.

    Args:
        trait: what was asked for.
        positive: the answers under the positive pole.
        negative: those under the other one, to the same questions in the same order.
        model: which answered.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> trait = pv.load_trait(SHIPPED / "traits" / "formality.toml")
        >>> answer_doubts(trait, ["I do not know."] * 4, ["Dunno."] * 4, model="mine")[0][:56]
        'Of the answers under the positive pole, 4 of 4 are one t'
    """
    pairs = [(one, other) for one, other in zip(positive, negative, strict=True) if one and other]
    if len(pairs) < _FEWEST:
        return []
    more, less = ([pair[side] for pair in pairs] for side in (0, 1))
    return [
        *_alike(more, less, model),
        *_uniform("positive", more, model),
        *_uniform("negative", less, model),
        *_unlike_lengths(trait, more, less, model),
    ]


def _alike(more: Sequence[str], less: Sequence[str], model: str) -> Iterator[str]:
    """The same answer to a question under both poles, or to any other question."""
    n = len(more)
    same = sum(plain(one) == plain(other) for one, other in zip(more, less, strict=True))
    if same == n:
        yield (
            f"{model} gives the same answers under both poles, all {n} of them: it does not heed "
            "these instructions, or they do not reach it. The vector is then of the instructions, "
            "and not of the trait. Look at what it writes, and ask for the poles in other words."
        )
    elif same >= ALIKE * n:
        yield (
            f"{model} gives the same answer under both poles to {same} of {n} questions, and "
            "these say nothing of the trait. Ask for the poles more plainly, or put questions on "
            "which they differ."
        )
    else:
        theirs = {plain(text) for text in less}
        shared = sum(plain(text) in theirs for text in more)
        if shared >= ALIKE * n:
            yield (
                f"{shared} of {n} answers of {model} under the positive pole stand word for word "
                "among those under the negative one, to other questions. What both poles say "
                "tells them apart in nothing. Ask for the poles more plainly."
            )


def _uniform(side: str, answers: Sequence[str], model: str) -> Iterator[str]:
    (text, count), *_ = Counter(map(plain, answers)).most_common(1)
    if count > UNIFORM * len(answers):
        yield (
            f"Of the answers under the {side} pole, {count} of {len(answers)} are one text in "
            f"{model} ({_short(text)!r}): the vector would be of that text. It may be a refusal or "
            "a set phrase; ask for the pole in other words, or put other questions."
        )


def _unlike_lengths(
    trait: Trait, more: Sequence[str], less: Sequence[str], model: str
) -> Iterator[str]:
    lengths = [max(1.0, fmean(map(words, side))) for side in (more, less)]
    if not is_about_length(trait) and max(lengths) >= LONGER * min(lengths):
        yield (
            f"In {model} answers of one pole are {max(lengths) / min(lengths):.1f} times as long "
            f"as those of the other (words in the mean: {lengths[0]:.0f} under the positive pole, "
            f"{lengths[1]:.0f} under the negative), and {trait.name} is not length. The vector "
            "steers length as well, and much that is counted in an answer grows with it. Ask for "
            "the same length in both poles' instructions."
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
