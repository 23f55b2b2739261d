"""Questions and two ways to ask → a vector at every block."""

from collections.abc import Sequence
from dataclasses import replace

from prefvec.errors import PrefvecError
from prefvec.face.asking import Questions, as_paraphrases, as_prompts
from prefvec.generation.requests import Request, Sampling, generate
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import ContrastPair, contrast_pairs, prompt_set_hash
from prefvec.text.traits import AnswerPositions
from prefvec.text.verbatim import Said
from prefvec.vectors.activations import over_answers
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.extraction import ESTIMATORS, Estimator
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import UNSTEERED


def extract(
    model: LanguageModel,
    questions: Questions,
    *,
    more: Sequence[str] | str,
    less: Sequence[str] | str,
    trait: str = "preference",
    read: AnswerPositions = "sentence ends",
    estimator: Estimator = "difference_in_means",
    max_new_tokens: int = 256,
    seed: int = 0,
    store: CompletionStore | None = None,
) -> PreferenceVectors:
    """A model's own preference vector, at the output of every decoder block.

    The model answers each question under an instruction for either pole and reads its own
    answers; the vector is what distinguishes the two. Questions that it answers with nothing
    under one pole are left out. The unit of doses, `residual_norm`, is the mean norm of the
    residual over all tokens of those answers.

    Args:
        model: which answers and reads.
        questions: strings or prompts; some twenty do.
        more: instructions for the pole that a positive coefficient steers towards, paraphrases
            taken in turn.
        less: instructions for the opposite pole.
        trait: names the preference in sentences.
        read: the mean over the tokens that end a sentence of an answer, where a model decides
            whether to go on; or over every token.
        estimator: "difference_in_means", "first_principal_component", or "single_pair", which
            rests on the first question alone.
        max_new_tokens: cap on an answer.
        seed: of the sampling.
        store: where answers are looked up and kept; None keeps none.

    Raises:
        PrefvecError: if there are no questions or instructions, if no question is answered under
            both poles, if the poles do not differ, or see `generate`.

    Example:
        >>> vector = pv.extract(
        ...     source, questions, more=["Answer at length."], less=["Answer briefly."]
        ... )
        >>> len(vector.sites), vector.middle.n_pairs == len(questions)
        (6, True)
    """
    prompts = as_prompts(questions)
    if estimator == "single_pair":
        prompts = prompts[:1]
    pairs = contrast_pairs(prompts, as_paraphrases("more", more), as_paraphrases("less", less))
    sampling = Sampling(max_new_tokens=max_new_tokens, seed=seed)
    positive, negative = _answered(model, pairs, sampling, trait, store)
    sites = [Site(layer=layer, point="resid_post") for layer in range(model.n_layers)]
    poles = [over_answers(model, side, sites, among=read) for side in (positive, negative)]
    norms = over_answers(model, [*positive, *negative], sites)
    used = [prompt for prompt, _ in (*positive, *negative)]
    return PreferenceVectors(
        by_site={
            site: replace(
                ESTIMATORS[estimator](
                    *(rows[site] for rows in poles), trait=trait, prompt_set=prompt_set_hash(used)
                ),
                residual_norm=norms[site].mean_norm,
            )
            for site in sites
        }
    )


def _answered(
    model: LanguageModel,
    pairs: Sequence[ContrastPair],
    sampling: Sampling,
    trait: str,
    store: CompletionStore | None,
) -> tuple[list[Said], list[Said]]:
    """The model's answers under either pole, of the pairs of which it left neither empty."""
    asked = [pair.positive for pair in pairs] + [pair.negative for pair in pairs]
    requests = [Request(prompt=p, sample=0, steering=UNSTEERED, arm=trait) for p in asked]
    written = generate(model, requests, sampling, store=store)
    sides = zip(pairs, written[: len(pairs)], written[len(pairs) :], strict=True)
    turns = [(pair, one, other) for pair, one, other in sides if one.text and other.text]
    if not turns:
        raise PrefvecError(
            f"{model.name} answered no question under both instructions, so there is nothing to "
            "tell apart. Look at what it writes (prefvec.answer); ask other questions, or in "
            "other words."
        )
    writer = model.fingerprint
    positive: list[Said] = [(pair.positive, one.as_written_by(writer)) for pair, one, _ in turns]
    negative: list[Said] = [(pair.negative, two.as_written_by(writer)) for pair, _, two in turns]
    return positive, negative
