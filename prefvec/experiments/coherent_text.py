"""Whether an answer is text: each model's limits, and what its subject demands besides."""

from collections.abc import Callable

from prefvec.experiments.lab import Lab
from prefvec.experiments.steered_answers import steered
from prefvec.remembered import remembered
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion
from prefvec.text.traits import POLES


@remembered
def limits(lab: Lab, model: str) -> CoherenceLimits:
    """Limits of coherence: committed beside an organism, else from prompted tuning answers.

    Of what is made of another model to do the same they are that model's.
    """
    original = lab.models.original(model)
    if original != model:
        return limits(lab, original)
    home = lab.models.home(model)
    if home is not None:
        return CoherenceLimits.load(home / "coherence.json")
    prompts, trait = lab.material.splits["tuning"], lab.material.trait
    asked = [prompt for pole in POLES for prompt in trait.asking(prompts, pole)]
    samples = max(3, lab.options.prompted_answers // len(prompts))
    answers = steered(lab, model, "prompted", None, asked, samples=samples)
    return CoherenceLimits.from_unsteered([answer.text for answer in answers])


@remembered
def coherent(lab: Lab, model: str) -> Callable[[Completion], bool]:
    """Whether an answer of a model is text: no loop, and what its subject takes for text."""
    accepted, subject = limits(lab, model), lab.material.subject
    known: dict[tuple[str, str], bool] = {}

    def judge(answer: Completion) -> bool:
        key = answer.text, answer.prompt
        if key not in known:
            known[key] = accepted.accept(answer.text) and subject.is_text(answer)
        return known[key]

    return judge
