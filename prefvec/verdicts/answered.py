"""From the answers of one arm to each prompt's dose-response."""

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.statistics.estimates import Estimate, mean_of
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS, Measure
from prefvec.verdicts.answer_table import answer_table, log_values, require_complete
from prefvec.verdicts.doses import DoseResponse


def dose_response(
    completions: Iterable[Completion],
    unsteered: Iterable[Completion],
    *,
    coherent: Callable[[Completion], bool],
    measure: Measure = WORDS,
    label: str = "",
    clusters: Mapping[str, str] | None = None,
    going_on: "pd.Series[float] | None" = None,
    false_sentences: Callable[[Completion], tuple[int, int]] | None = None,
) -> DoseResponse:
    """Compare the steered answers of one arm with the unsteered ones, prompt by prompt.

    A prompt none of whose answers at a dose could be measured counts there as one that did not
    move, where the measure says that this may be (`Measure.unread`), as of a judge whose marks
    cannot be read. That makes effects smaller and none larger; more than a few such answers make
    a claim INVALID (`judging.failures`).

    Args:
        completions: one arm's steered answers: at every prompt and dose the same samples, and
            for every dose its negative.
        unsteered: coefficient-0 answers to the same prompts. Samples that the arm does not have
            are left out, so that common random numbers stay paired.
        coherent: whether an answer is text and not a loop.
        measure: what is measured.
        label: what people read; the arm's name by default.
        clusters: prompt id to the entity its error is clustered by.
        going_on: by prompt, as of `DoseResponse`, if it was measured.
        false_sentences: how many of an answer's sentences are false, and of how many that can be
            read; None where nobody knows what is so.

    Raises:
        PrefvecError: if answers are missing, stand twice, or belong to several arms; or if one
            has no value in a measure that must give each of them one.
    """
    completions, unsteered = list(completions), list(unsteered)
    steered = answer_table(completions, measure, coherent)
    baseline = answer_table(unsteered, measure, coherent)
    arms = sorted(set(steered["arm"]))
    if len(arms) != 1:
        raise PrefvecError(f"A dose-response is of one arm, got {arms}. Select one arm's answers.")
    require_complete(arms[0], steered, baseline)
    samples = {*steered["sample"]}
    baseline = baseline[baseline["sample"].isin(samples)]
    both = pd.concat([baseline, steered], ignore_index=True)
    by_prompt = both.groupby(["prompt", "coefficient"])
    logs: Any = log_values(both, measure, ["prompt", "coefficient"]).unstack()
    prompts = logs.index
    by_dose = both.groupby("coefficient")
    paired = (answer for answer in unsteered if answer.sample in samples)
    pairs = steered.merge(baseline, on=["prompt", "sample"], suffixes=("", "_unsteered"))
    return DoseResponse(
        arm=str(arms[0]),
        label=label or str(arms[0]),
        effects=logs.drop(columns=0.0).sub(logs[0.0], axis=0).fillna(0.0),
        coherent=by_prompt["coherent"].mean().unstack(),
        censored=by_dose["censored"].mean(),
        mean_words=by_dose["words"].mean(),
        changed=float((pairs["text"] != pairs["text_unsteered"]).mean()),
        clusters=_clusters(prompts, clusters),
        lengths=both[["prompt", "coefficient", "n_tokens", "censored"]],
        measure=measure,
        going_on=None if going_on is None else going_on.reindex(prompts),
        false=_shares_false(chain(paired, completions), false_sentences),
    )


def instruction_effect(
    instructed: Iterable[Completion],
    unsteered: Iterable[Completion],
    *,
    measure: Measure = WORDS,
) -> Estimate:
    """What asking does: mean log ratio of instructed to plain answers of the same prompts.

    The baseline a user would reach for instead of steering, shown beside every effect.

    Args:
        instructed: answers to the prompts with an instruction for the trait's positive pole.
        unsteered: answers to the same prompts without.
        measure: what is measured.

    Raises:
        PrefvecError: if the two sets of prompts differ.
    """
    asked, plain = (
        log_values(answer_table(answers, measure, lambda _: True), measure, ["prompt"])
        for answers in (instructed, unsteered)
    )
    if set(asked.index) != set(plain.index):
        raise PrefvecError(
            "Instructed and uninstructed answers are of different prompts. Generate both for "
            "the test split."
        )
    return mean_of(asked.sub(plain).dropna().to_numpy())


def _clusters(prompts: pd.Index, clusters: Mapping[str, str] | None) -> "pd.Series[str] | None":
    if clusters is None:
        return None
    if missing := [str(prompt) for prompt in prompts if prompt not in clusters]:
        raise PrefvecError(
            f"The prompt {missing[0]!r} has no cluster. Give every prompt of the split one."
        )
    return pd.Series([clusters[str(prompt)] for prompt in prompts], index=prompts)


def _shares_false(
    answers: Iterable[Completion], counted: Callable[[Completion], tuple[int, int]] | None
) -> "pd.Series[float] | None":
    """By coefficient, the false ones of all sentences that can be read; nan where there is none."""
    if counted is None:
        return None
    totals: dict[float, NDArray[np.int64]] = {}
    for answer in answers:
        dose = float(answer.coefficient)
        totals[dose] = totals.get(dose, np.zeros(2, dtype=np.int64)) + np.array(counted(answer))
    return pd.Series(
        {dose: false / of if of else math.nan for dose, (false, of) in sorted(totals.items())}
    )
