"""What the search over all answers of a run can be narrowed to."""

from prefvec.report.record import Record


def choices(record: Record) -> dict[str, object] | None:
    """What the search over all answers has, and can be narrowed to."""
    answers = record.get("answers")
    if answers is None:
        return None
    return {
        "count": sum(len(arm["text"]) for arm in answers["arms"]),
        "texts": len(answers["texts"]),
        "models": sorted({arm["model"] for arm in answers["arms"]}),
        "arms": sorted({arm["label"] for arm in answers["arms"]}),
        "claims": sorted({claim for arm in answers["arms"] for claim in arm["claims"]}),
    }
