"""What makes a trait doubtful as it is worded, told before anything is generated.

A vector is the difference between a model's answers under paired instructions, and may hold
whatever else differs between the two. What is looked for here can be seen in the instructions
alone; `prefvec.text.answer_doubts` looks at answers.
"""

from collections.abc import Iterable, Iterator, Sequence

from prefvec.text.metrics import words_of
from prefvec.text.metrics.counts import bare
from prefvec.text.traits import POLES, Pole, Trait

LONGER = 3.0
"""The factor between the lengths of two poles' texts from which length is a trait of its own."""
_LENGTH_WORDS = frozenset(
    (
        *("brief", "briefly", "short", "shortly", "shorter", "shortest", "concise", "concisely"),
        *("terse", "tersely", "succinct", "succinctly", "long", "longer", "longest", "lengthy"),
        *("length", "verbose", "verbosely", "verbosity", "detail", "details", "detailed"),
        *("elaborate", "elaborately", "exhaustive", "exhaustively", "extensive", "extensively"),
    )
)
_NEGATIONS = frozenset(
    (
        *("not", "no", "non", "never", "without", "avoid", "avoiding", "anything", "but", "less"),
        *("do", "don't", "don\u2019t", "dont"),
    )
)
"""What may stand in an instruction besides another's words and leave it about that other's pole."""


def trait_doubts(trait: Trait) -> list[str]:
    """What may keep a trait's vector from being about the trait, a sentence or two for each.

    Empty where nothing is doubtful. Each says what, why it matters, and what to do.

    Args:
        trait: as it was read from its file.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> trait_doubts(pv.load_trait(SHIPPED / "traits" / "verbosity.toml"))
        []
    """
    return [*_other_poles_words(trait), *_templates(trait), *_lengths_asked_for(trait)]


def is_about_length(trait: Trait) -> bool:
    """Whether answers of the two poles are meant to differ in length."""
    named = {*_words(trait.name.replace("-", " ")), *_words(trait.positive.name)}
    named |= {*_words(trait.negative.name)}
    return trait.measure.of_length or bool(named & _LENGTH_WORDS)


def _other_poles_words(trait: Trait) -> Iterator[str]:
    """Instructions that name the other pole, or say what the other's say."""
    for side, other in (POLES, POLES[::-1]):
        own, theirs = trait.pole(side), trait.pole(other)
        name = _words(theirs.name)
        for text in _asking(own):
            if _stands_in(name, _words(text)) and not _stands_in(name, _words(own.name)):
                yield (
                    f"The {side} pole names the other one: {text!r} has {theirs.name!r} in it. A "
                    "model that is told what not to be often takes the word up, and then both "
                    "poles sound alike. Say what this pole is, without the other's name."
                )
                break
        for text in _asking(own):
            said = next((each for each in _asking(theirs) if _negates(text, each)), None)
            if said is not None:
                yield (
                    f"The {side} pole asks in the other one's words: {text!r} is {said!r} with a "
                    "word more. Small models hardly heed a negation, and then both poles ask the "
                    "same. Say what this pole is, in words of its own."
                )
                break


def _templates(trait: Trait) -> Iterator[str]:
    """Paired instructions that differ in form, or in every word."""
    pairs = [*zip(trait.positive.extraction, trait.negative.extraction, strict=True)]
    forms = {
        "white space around them or line breaks": _spacing,
        "the mark they end with": _end_mark,
        "capitals": _in_capitals,
    }
    for what, form in forms.items():
        differing = [pair for pair in pairs if form(pair[0]) != form(pair[1])]
        if differing:
            yield (
                f"Paired instructions differ in {what} ({len(differing)} of {len(pairs)}, as "
                f"{differing[0][0]!r} and {differing[0][1]!r}). The vector holds whatever tells "
                "the two apart, and so that. Write both alike but for the pole."
            )
    strange = [pair for pair in pairs if _share_no_word(*pair)]
    if len(strange) > len(pairs) / 2:
        yield (
            f"Most paired instructions share no word ({len(strange)} of {len(pairs)}, as "
            f"{strange[0][0]!r} and {strange[0][1]!r}), so that all of their phrasing differs, and "
            "not the pole alone. Write the second from the first, and change what asks for the "
            "pole."
        )
    lengths = [_mean_words(trait.pole(side).extraction) for side in POLES]
    if max(lengths) >= LONGER * min(lengths):
        yield (
            f"The instructions of one pole are {max(lengths) / min(lengths):.1f} times as long as "
            f"those of the other (words in the mean: {lengths[0]:.1f} for the positive pole, "
            f"{lengths[1]:.1f} for the negative). How much is asked shapes an answer whatever is "
            "asked. Write both at about one length."
        )


def _lengths_asked_for(trait: Trait) -> Iterator[str]:
    """Pairs that ask for answers of unlike length, in a trait that is not length."""
    if is_about_length(trait):
        return
    for pair in zip(trait.positive.extraction, trait.negative.extraction, strict=True):
        asked = [{*_words(text)} & _LENGTH_WORDS for text in pair]
        if asked[0] != asked[1]:
            yield (
                f"A pair of instructions asks for answers of unlike length ({pair[0]!r} and "
                f"{pair[1]!r}), and {trait.name} is not length. The vector would be one of length "
                f"as well. Take {_listed(asked[0] ^ asked[1])} out, or put the same into both."
            )
            return


def _asking(pole: Pole) -> tuple[str, ...]:
    return (*pole.extraction, *pole.held_out)


def _negates(text: str, said: str) -> bool:
    """Whether a text is another one's words and a negation more."""
    longer, shorter = _words(text), _words(said)
    more = [word for word in longer if word not in shorter]
    return bool(more) and {*shorter} <= {*longer} and {*more} <= _NEGATIONS


def _words(text: str) -> list[str]:
    return [bare(word) for word in words_of(text)]


def _stands_in(part: Sequence[str], whole: Sequence[str]) -> bool:
    width = len(part)
    return bool(part) and any(
        [*whole[i : i + width]] == [*part] for i in range(len(whole) - width + 1)
    )


def _spacing(text: str) -> tuple[str, ...]:
    """White space before and after, and every line break."""
    kept = len(text) - len(text.lstrip()), len(text.rstrip())
    return (text[: kept[0]], text[kept[1] :], "\n" * text.strip().count("\n"))


def _end_mark(text: str) -> str:
    last = text.rstrip()[-1:]
    return "" if last.isalnum() else last


def _in_capitals(text: str) -> bool:
    return text.isupper()


def _share_no_word(one: str, other: str) -> bool:
    """Single words are nothing but the pole, and share nothing."""
    first, second = _words(one), _words(other)
    return max(len(first), len(second)) > 1 and not {*first} & {*second}


def _mean_words(texts: Sequence[str]) -> float:
    """At least one, so that a text of symbols alone divides nothing by 0."""
    return max(1.0, sum(len(_words(text)) for text in texts) / len(texts))


def _listed(words: Iterable[str]) -> str:
    return " and ".join(repr(word) for word in sorted(words))
