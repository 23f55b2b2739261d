"""The secondary metrics of an arm, dose by dose: shown beside its effect, deciding nothing."""

from collections import defaultdict
from collections.abc import Iterable

from prefvec.organisms.material import about
from prefvec.organisms.reading import read, world_means
from prefvec.text.completions import Completion
from prefvec.text.metrics import secondary_means


def secondary_by_dose(
    completions: Iterable[Completion], *, organisms: bool
) -> dict[float, dict[str, float | None]]:
    """Each secondary metric at each dose of one arm.

    Args:
        completions: the arm's answers, unsteered ones among them.
        organisms: whether the answers are about the small world, whose grammar then reads them.

    Returns:
        By coefficient: metric names to values, as `secondary_means` and `world_means` name them.
    """
    by_dose: defaultdict[float, list[Completion]] = defaultdict(list)
    for completion in completions:
        by_dose[completion.coefficient].append(completion)
    return {dose: _metrics(answers, organisms) for dose, answers in by_dose.items()}


def _metrics(answers: list[Completion], organisms: bool) -> dict[str, float | None]:
    means = secondary_means(answers)
    if organisms:
        means |= world_means([read(answer.text, about(answer.prompt)) for answer in answers])
    return means
