"""All answers of a claim's arms, packed: text that nobody reads whole and anybody may search."""

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from prefvec.errors import PrefvecError
from prefvec.report.plain_words import plainly
from prefvec.report.record import AnswerArm, Answers, ArchivedAnswer, Claim

_KEYS = ArchivedAnswer.__required_keys__
_Rows = dict[tuple[str, int], ArchivedAnswer]
_OWN_LABELS = {"unsteered": "unsteered", "random": "a random direction"}


def packed(answers: Sequence[Mapping[str, object]]) -> str:
    """Answers as base64 of gzipped JSON; the same answers give the same text.

    Args:
        answers: each with `arm`, `coefficient`, `prompt`, `sample`, `text`, `finish_reason`,
            `coherent`, and `false`, the [start, end) of what it says against the facts.
    """
    return base64.b64encode(zipped(answers)).decode("ascii")


def unpacked(text: str) -> list[ArchivedAnswer]:
    """The answers that `packed` has packed.

    Raises:
        PrefvecError: if it is something else.
    """
    try:
        answers = json.loads(gzip.decompress(base64.b64decode(text, validate=True)))
        if not all(answer.keys() >= _KEYS for answer in answers):
            raise ValueError("one of them lacks an entry")
    except (OSError, EOFError, ValueError, TypeError, AttributeError) as error:
        raise PrefvecError(
            f"The answers of a claim cannot be unpacked ({error}). The record was changed by hand "
            "or cut short: run the claims again."
        ) from error
    return cast("list[ArchivedAnswer]", answers)


def zipped(value: object) -> bytes:
    """A value as gzipped JSON; the same value gives the same bytes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def merged(claims: Iterable[Claim]) -> Answers | None:
    """The answers of all claims, each text once, and once an arm that several claims share.

    Returns:
        None where no claim has an archive.
    """
    arms: defaultdict[tuple[str, str, str, float], list[tuple[_Rows, list[str]]]]
    arms = defaultdict(list)
    for claim in claims:
        labels = _OWN_LABELS | {arm["name"]: plainly(arm["label"]) for arm in claim["arms"]}
        by_arm: defaultdict[tuple[str, float], _Rows] = defaultdict(dict)
        archive = claim.get("archive")
        for answer in unpacked(archive) if archive else []:
            rows = by_arm[answer["arm"], answer["coefficient"]]
            rows[answer["prompt"], answer["sample"]] = answer
        for (arm, coefficient), rows in by_arm.items():
            key = (claim["target"] or "", arm, labels.get(arm, arm), coefficient)
            _share(arms[key], rows, claim["id"])
    if not arms:
        return None
    return _columns((key, rows, claims) for key, shared in arms.items() for rows, claims in shared)


def _share(known: list[tuple[_Rows, list[str]]], rows: _Rows, claim: str) -> None:
    """Count the claim to arms that hold its rows, or that its rows hold; else add an arm."""
    for index, (others, claims) in enumerate(known):
        fewer, more = sorted((rows, others), key=len)
        if all(key in more and more[key]["text"] == row["text"] for key, row in fewer.items()):
            known[index] = (more, [*claims, claim])
            return
    known.append((rows, [claim]))


def _columns(
    arms: Iterable[tuple[tuple[str, str, str, float], _Rows, list[str]]],
) -> Answers:
    prompts: dict[str, int] = {}
    texts: dict[str, int] = {}
    columns: list[AnswerArm] = []
    for (model, arm, label, coefficient), rows, claims in arms:
        answers = list(rows.values())
        columns.append(
            {
                "model": model,
                "arm": arm,
                "label": label,
                "coefficient": coefficient,
                "claims": claims,
                "prompt": [prompts.setdefault(a["prompt"], len(prompts)) for a in answers],
                "sample": [a["sample"] for a in answers],
                "text": [texts.setdefault(a["text"], len(texts)) for a in answers],
                "cut": [i for i, a in enumerate(answers) if a["finish_reason"] == "length"],
                "incoherent": [i for i, a in enumerate(answers) if a["coherent"] is False],
                "false": {str(i): f for i, a in enumerate(answers) if (f := a.get("false"))},
            }
        )
    return {"prompts": list(prompts), "texts": list(texts), "arms": columns}
