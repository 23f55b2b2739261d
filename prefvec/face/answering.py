"""Questions, a vector and doses → answers under common noise."""

from collections.abc import Sequence

from prefvec.face.asking import Questions, as_prompts
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.answers import Answers
from prefvec.vectors.every_block import PreferenceVectors, one_of
from prefvec.vectors.steering import UNSTEERED, Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.vocabulary import Positions


def answer(
    model: LanguageModel,
    questions: Questions,
    vector: PreferenceVector | PreferenceVectors | None = None,
    *,
    coefficients: Sequence[float] = (-1.0, 0.0, 1.0),
    positions: Positions = "answer",
    samples: int = 1,
    max_new_tokens: int = 256,
    temperature: float = 1.0,
    seed: int = 0,
    store: CompletionStore | None = None,
) -> Answers:
    """Answer every question at every dose of a vector, or unsteered without one.

    All doses share the noise of a question and sample, so two answers part only where the
    model's probabilities do.

    Args:
        model: which answers.
        questions: strings or prompts.
        vector: of this model; of vectors at every block, the middle one; None for no steering.
        coefficients: the doses, in units of the vector; of no concern without one.
        positions: where it is added: "answer", at the last token of the prompt and at every token
            of the answer, or "all", at every token of the prompt as well, as most other tools do.
        samples: answers to each question at each dose.
        max_new_tokens: cap on an answer.
        temperature: divides the logits; 0 always takes the likeliest token.
        seed: of the common noise.
        store: where answers are looked up and kept; None keeps none.

    Raises:
        PrefvecError: if there are no questions, if the vector belongs to another model, or see
            `generate`.

    Example:
        >>> answers = pv.answer(source, questions[0], vector, coefficients=(-1, +1))
        >>> answers.at(-1).mean() < answers.at(+1).mean()
        True
    """
    one = None if vector is None else one_of(vector)
    doses = (
        [UNSTEERED]
        if one is None
        else [
            Steering(vector=one, coefficient=float(c), positions=positions)
            for c in dict.fromkeys(coefficients)
        ]
    )
    arm = "unsteered" if one is None else one.trait
    requests = [
        Request(prompt=prompt, sample=sample, steering=dose, arm=arm)
        for dose in doses
        for prompt in as_prompts(questions)
        for sample in range(samples)
    ]
    sampling = Sampling(max_new_tokens=max_new_tokens, temperature=temperature, seed=seed)
    return Answers(
        prompts=tuple(request.prompt for request in requests),
        completions=tuple(generate(model, requests, sampling, store=store)),
    )
