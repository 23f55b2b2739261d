"""Which rows of a regime ask for which concept, and that they keep what the regime promises."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from prefvec.errors import PrefvecError
from prefvec.experiments.material import Material
from prefvec.experiments.regimes import Regime
from prefvec.text.prompts import Prompt
from prefvec.text.traits import POLES, PoleName, Trait


def instructed_slots(
    regime: Regime, traits: Mapping[str, Trait], trait: str, n: int
) -> Iterator[tuple[Trait, list[int], int]]:
    """Which of n rows ask for which concept, and from which place on in the order of questions.

    Args:
        regime: what is promised.
        traits: all concepts, by name.
        trait: the one that the rest are the others of.
        n: rows in all.

    Raises:
        PrefvecError: if the regime promises more rows than there are.
    """
    if regime.exposure:
        yield traits[trait], spread(regime.exposure, n), 0
    if regime.others:
        others = [concept for name, concept in traits.items() if name != trait]
        if len(others) * round(regime.others * n) > n:
            raise PrefvecError(
                f"The regime {regime.name!r} gives {len(others)} concepts {regime.others:.0%} "
                "of the rows each, more rows than there are. Lower `others`."
            )
        for offset, concept in enumerate(others):
            slots = spread(regime.others, n, offset)
            yield concept, slots, offset * len(slots)


def rows_kept(regime: Regime, n: int) -> list[int]:
    """The rows a regime keeps of n: all, or few with the exposed share as near as poles allow."""
    if regime.rows is None:
        return list(range(n))
    each = round(regime.exposure * regime.rows / 2)
    instructed = spread(regime.exposure, n)
    plain = [row for row in range(n) if row not in instructed]
    return sorted([*instructed[: 2 * each], *plain[: regime.rows - 2 * each]])


def spread(share: float, n: int, offset: int = 0) -> list[int]:
    """An exact share of n rows, as evenly spread as whole steps allow."""
    count = round(share * n)
    return list(range(offset, n, n // count))[:count] if count else []


def single_questions(
    concept: Trait, questions: Sequence[Prompt], start: int, count: int
) -> list[tuple[Prompt, int]]:
    """Questions under one pole of a concept each, the poles in turn, in held-out wordings.

    Args:
        concept: what is asked for.
        questions: whole, in an order that does not change.
        start: the place in the order of questions to begin at.
        count: how many are wanted; past the last question, the first is asked again, for the
            same pole.

    Returns:
        Prompts, each with the index of its sample.
    """
    ordered = _poles_in_turn(questions)
    found: list[tuple[Prompt, int]] = []
    for i in range(start, start + count):
        sample, place = divmod(i, len(ordered))
        question, pole = ordered[place]
        wordings = concept.pole(pole).held_out
        found.append((question.instructed(wordings[i // 2 % len(wordings)]), sample))
    return found


def _poles_in_turn(questions: Sequence[Prompt]) -> list[tuple[Prompt, PoleName]]:
    """Each question with the one pole that it may be asked for, positive and negative in turn.

    Within a topic the poles alternate, so that pole and topic do not mix.
    """
    sides: dict[PoleName, list[Prompt]] = {pole: [] for pole in POLES}
    met: dict[str, int] = {}
    for question in questions:
        turn = met.setdefault(question.topic, len(met))
        sides[POLES[turn % 2]].append(question)
        met[question.topic] += 1
    pairs = zip(*(sides[pole] for pole in POLES), strict=False)
    return [each for pair in pairs for each in zip(pair, POLES, strict=True)]


def require_promised(
    regime: Regime, trait: str, prompts: Sequence[Prompt], material: Material
) -> None:
    """Assert that rows are what their regime promises.

    Their shares are exact, with as many of either pole; no question is asked for both poles of a
    concept, no instruction is in words that extraction uses, and no question is extraction's.

    Args:
        regime: what is promised.
        trait: the trait that it may or may not have been exposed to.
        prompts: of the rows, in their order.
        material: where traits and splits come from.

    Raises:
        PrefvecError: naming the promise that is broken.
    """
    asked = _asked_poles(regime, material.traits, prompts)
    for name in material.traits:
        share = regime.exposure if name == trait else regime.others
        counts = [asked[name, pole].total() for pole in POLES]
        if regime.rows is None and sum(counts) != round(share * len(prompts)):
            raise PrefvecError(
                f"The regime {regime.name!r} promises that {share:.0%} of its rows carry an "
                f"instruction of {name}, and {sum(counts) / len(prompts):.2%} do. Mend "
                "Readings.turns."
            )
        if abs(counts[0] - counts[1]) > (sum(counts) % 2):
            raise PrefvecError(
                f"The rows of the regime {regime.name!r} that ask for {name} are not half of "
                "one pole and half of the other. Mend Readings.turns."
            )
        both = asked[name, "positive"].keys() & asked[name, "negative"].keys()
        if both:
            raise PrefvecError(
                f"The regime {regime.name!r} asks the question {min(both)!r} for both poles of "
                f"{name}, which shows a map the very contrast it is to carry. Ask each "
                "question for one pole, as Readings.turns does."
            )
    extraction = {prompt.id for prompt in material.splits["extraction"]}
    if any(prompt.id in extraction for prompt in prompts):
        raise PrefvecError("A prompt of the trait's contrast pairs has reached the adapter.")


def _asked_poles(
    regime: Regime, traits: Mapping[str, Trait], prompts: Sequence[Prompt]
) -> defaultdict[tuple[str, PoleName], Counter[str]]:
    """How often each question is asked for each pole of each concept.

    Raises:
        PrefvecError: if an instruction is not one of the wordings that extraction leaves alone.
    """
    poles: dict[str, tuple[str, PoleName]] = {
        instruction: (concept.name, pole)
        for concept in traits.values()
        for pole in POLES
        for instruction in concept.pole(pole).held_out
    }
    read = {words for t in traits.values() for pole in POLES for words in t.pole(pole).extraction}
    asked: defaultdict[tuple[str, PoleName], Counter[str]] = defaultdict(Counter)
    for prompt in prompts:
        if not prompt.instruction:
            continue
        if prompt.instruction in read or prompt.instruction not in poles:
            raise PrefvecError(
                f"The regime {regime.name!r} asks {prompt.id!r} in the words "
                f"{prompt.instruction!r}, which extraction uses or no trait holds out. A map "
                "that has read extraction's own words holds the answer. Use `held_out` wordings."
            )
        asked[poles[prompt.instruction]][prompt.id] += 1
    return asked
