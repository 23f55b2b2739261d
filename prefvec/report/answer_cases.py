"""Answers as the page shows them: side by side, with what is false marked, and to be searched."""

from prefvec.report.record import Answer, Answers, Case


def case_view(case: Case) -> dict[str, object]:
    """One prompt's answers side by side: how long each is of the longest, and what is wrong."""
    longest = max((answer["words"] for answer in case["answers"]), default=0) or 1
    answers = [
        {
            **answer,
            "share": round(100 * answer["words"] / longest),
            "parts": _parts(answer["text"], answer.get("false") or []),
            "flags": _flags(answer),
        }
        for answer in case["answers"]
    ]
    return {**case, "answers": answers}


def choices(answers: Answers | None) -> dict[str, object] | None:
    """What the search over all answers has, and can be narrowed to."""
    if answers is None:
        return None
    return {
        "count": sum(len(arm["text"]) for arm in answers["arms"]),
        "texts": len(answers["texts"]),
        "models": sorted({arm["model"] for arm in answers["arms"]}),
        "arms": sorted({arm["label"] for arm in answers["arms"]}),
    }


def _parts(text: str, spans: list[list[int]]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is false; places that it does not have are none."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for span in spans:
        if len(span) == 2 and end <= span[0] < span[1] <= len(text):
            parts += [(text[end : span[0]], False), (text[span[0] : span[1]], True)]
            end = span[1]
    return [part for part in (*parts, (text[end:], False)) if part[0]]


def _flags(answer: Answer) -> list[str]:
    flags = {
        "cut off at the length limit": answer["finish_reason"] == "length",
        "not coherent": answer["coherent"] is False,
        "says what is not so": bool(answer.get("false")),
    }
    return [flag for flag, is_so in flags.items() if is_so]
