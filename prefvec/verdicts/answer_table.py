"""The answers of an arm as a table, complete enough to be compared prompt by prompt."""

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pandas as pd

from prefvec.errors import PrefvecError
from prefvec.text.completions import Completion
from prefvec.text.measures import Measure, answer_words


def answer_table(
    completions: Iterable[Completion],
    measure: Measure,
    coherent: Callable[[Completion], bool],
) -> pd.DataFrame:
    """The answers as a table, one row each, with what is counted in their texts.

    What a measure counts stands in the columns `speaking_for` and `against`. The column `words`
    holds expected words where the sampler has found them, else the words of the text.

    Args:
        completions: at least one.
        measure: what is counted.
        coherent: whether an answer is text and not a loop.

    Raises:
        PrefvecError: if there are none.

    Example:
        >>> from prefvec.text.measures import WORDS
        >>> answer = Completion(
        ...     prompt="p0", sample=0, text="A short answer.", n_tokens=4, finish_reason="stop",
        ...     arm="native", coefficient=1.0,
        ... )
        >>> table = answer_table([answer], WORDS, lambda _: True)
        >>> table[["prompt", "coefficient", "words", "censored"]].values.tolist()
        [['p0', 1.0, 3.0, 0.0]]
    """
    completions = list(completions)
    if measure.ahead is not None:
        measure.ahead(completions)
    rows = [
        {
            **dict(zip(("speaking_for", "against"), measure.count(answer), strict=True)),
            "arm": answer.arm,
            "prompt": answer.prompt,
            "coefficient": float(answer.coefficient),
            "sample": answer.sample,
            "words": answer_words(answer),
            "coherent": float(coherent(answer)),
            "censored": float(answer.censored),
            "n_tokens": answer.n_tokens,
            "text": answer.text,
        }
        for answer in completions
    ]
    if not rows:
        raise PrefvecError("There are no answers to measure. Generate the arm's answers first.")
    return pd.DataFrame(rows)


def log_values(table: pd.DataFrame, measure: Measure, by: list[str]) -> "pd.Series[float]":
    """The measure of each group of answers, of a prompt or of a prompt at a dose, on the log scale.

    Answers that could not be measured (nan) are left out, where the measure says that this may
    be; a group of nothing else is nan.

    Args:
        table: from `answer_table`, every group with as many answers as the others.
        measure: what was counted.
        by: columns that make a group.

    Raises:
        PrefvecError: if an answer has no value in a measure that must give each of them one.
    """
    gaps = table["speaking_for"].isna() | table["against"].isna()
    if bool(gaps.any()) and not measure.unread:
        raise PrefvecError(
            f"The measure {measure.name!r} gave no number for an answer to prompt "
            f"{table.loc[gaps, 'prompt'].iloc[0]!r}, so no effect can be told of it. Have it give "
            "every answer a finite number."
        )
    groups = table.groupby(by)
    sums, answers = groups[["speaking_for", "against"]].sum(min_count=1), int(groups.size().iloc[0])
    values = measure.log_values(
        sums["speaking_for"].to_numpy(), sums["against"].to_numpy(), answers
    )
    return pd.Series(values, index=sums.index)


def require_complete(arm: str, steered: pd.DataFrame, baseline: pd.DataFrame) -> None:
    """Assert that an arm and the unsteered answers can be compared prompt by prompt.

    Args:
        arm: its name.
        steered: its answers, from `answer_table`.
        baseline: the unsteered answers, likewise; further samples of them are ignored.

    Raises:
        PrefvecError: naming the first answer that is missing, stands twice or has no partner,
            or the doses without their negative.
    """
    doses = {float(c) for c in steered["coefficient"]}
    if 0.0 in doses or doses != {-c for c in doses} or {*baseline["coefficient"]} != {0.0}:
        raise PrefvecError(
            f"Arm {arm!r} has the doses {sorted(doses)}. The odd part needs for each dose its "
            "negative, and coefficient 0 belongs to the unsteered answers alone."
        )
    prompts, samples = sorted(set(baseline["prompt"])), sorted(set(steered["sample"]))
    _require_rows(f"Arm {arm!r}", steered, prompts, sorted(doses), samples)
    kept = baseline[baseline["sample"].isin(samples)]
    _require_rows("The unsteered arm", kept, prompts, [0.0], samples)


def _require_rows(
    whose: str, table: pd.DataFrame, prompts: list[str], doses: list[float], samples: list[int]
) -> None:
    keys = ["prompt", "coefficient", "sample"]
    stated = set(zip(*(table[key] for key in keys), strict=True))
    if len(stated) == len(table) and stated == set(product(prompts, doses, samples)):
        return
    expected = pd.MultiIndex.from_product([prompts, doses, samples], names=keys)
    got = pd.MultiIndex.from_frame(table[keys])
    wrongs: list[tuple[str, Iterable[Any]]] = [
        *(("is missing", key) for key in expected.difference(got)[:1]),
        *(("is of a prompt the unsteered arm lacks", key) for key in got.difference(expected)[:1]),
        *(("stands twice", key) for key in got[got.duplicated()][:1]),
    ]
    for wrong, key in wrongs:
        raise PrefvecError(
            f"{whose}: the answer {dict(zip(keys, key, strict=True))} {wrong}. "
            "Every prompt needs the same samples at every dose; generate the answers again."
        )
