"""Whether an answer is text: each model's limits, and what its subject demands besides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Lab
from prefvec.generation.perplexity import perplexities
from prefvec.organisms.roster import TWIN_OF
from prefvec.remembered import remembered
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion
from prefvec.text.likelihood_band import LikelihoodBand
from prefvec.text.prompts import Prompt
from prefvec.text.traits import POLES

PROMPTED = 240
"""Answers that are asked for either pole of the run's trait, about."""


@dataclass(frozen=True, kw_only=True)
class Prompted:
    """An answer that was asked for, as long or as short as its pole would have it.

    Attributes:
        question: what it answers, without the instruction.
        answer: to the question with it.
    """

    question: Prompt
    answer: Completion


@remembered
def prompted(lab: Lab, model: str) -> Sequence[Prompted]:
    """What a model answers to tuning questions that ask for either pole of the run's trait."""
    questions, trait = lab.material.splits["tuning"], lab.material.trait
    samples = max(3, PROMPTED // len(questions))
    by_id = {question.id: question for question in questions}
    return [
        Prompted(question=by_id[answer.prompt], answer=answer)
        for pole in POLES
        for answer in lab.steered(
            model,
            f"prompted {pole}",
            None,
            trait.asking(questions, pole),
            samples=samples,
            perplexity=True,
        )
    ]


@remembered
def limits(lab: Lab, model: str) -> CoherenceLimits:
    """Limits of loops: committed beside an organism, else from prompted tuning answers."""
    home = lab.models.home(model)
    if home is not None:
        return CoherenceLimits.load(home / "coherence.json")
    return CoherenceLimits.from_unsteered([row.answer.text for row in prompted(lab, model)])


@remembered
def likely(lab: Lab, model: str, *, asked: bool = False) -> LikelihoodBand:
    """Limits of likelihood: those of prompted tuning answers, read by the unsteered model.

    A twin computes the function of the model it is made of, and has its limits.

    Args:
        lab: where the model answers and reads.
        model: its name.
        asked: whether it reads them after the question with its instruction, for answers that
            are read so; else after the question alone.
    """
    if model in TWIN_OF:
        return likely(lab, TWIN_OF[model], asked=asked)
    rows = [row for row in prompted(lab, model) if row.answer.text]
    if asked:
        return LikelihoodBand.from_prompted(
            [(row.answer.text, _perplexity(row.answer)) for row in rows]
        )
    reader = lab.models[model]
    said = [(row.question, row.answer.as_written_by(reader.fingerprint)) for row in rows]
    found = dict(each for part in perplexities(reader, said) for each in part.items())
    return LikelihoodBand.from_prompted(
        [(row.answer.text, found[turn]) for row, turn in zip(rows, said, strict=True)]
    )


@remembered
def coherent(lab: Lab, model: str, *, asked: bool = False) -> Callable[[Completion], bool]:
    """Whether an answer of a model is text: no loop, no word salad, as its subject demands.

    Args:
        lab: where the model answers and reads.
        model: its name.
        asked: whether the answers are to questions that ask for a pole already.
    """
    loops, band = limits(lab, model), likely(lab, model, asked=asked)
    subject = lab.material.subject
    known: dict[tuple[str, str, float | None], bool] = {}

    def judge(answer: Completion) -> bool:
        key = answer.text, answer.prompt, answer.perplexity
        if key not in known:
            known[key] = (
                loops.accept(answer.text)
                and band.accept(answer.text, _perplexity(answer))
                and subject.is_text(answer)
            )
        return known[key]

    return judge


@remembered
def coherent_if_asked(lab: Lab, model: str) -> Callable[[str], float]:
    """The share of coherent ones among prompted answers of a model that are as long as a text.

    Beside what steering loses, it tells the price of a length from the price of a vector.
    """
    if model in TWIN_OF:
        return coherent_if_asked(lab, TWIN_OF[model])
    judge, band = coherent(lab, model, asked=True), likely(lab, model, asked=True)
    by_band: dict[int, list[bool]] = {}
    for row in prompted(lab, model):
        by_band.setdefault(band.of(row.answer.text).words, []).append(judge(row.answer))
    shares = {words: sum(passed) / len(passed) for words, passed in by_band.items()}
    return lambda text: shares[band.of(text).words]


def _perplexity(answer: Completion) -> float:
    if answer.perplexity is None:
        raise PrefvecError(
            f"The answer to {answer.prompt!r} ({answer.arm}) has no perplexity, so nobody can "
            "tell whether it is text. Ask for it with perplexity=True."
        )
    return answer.perplexity
