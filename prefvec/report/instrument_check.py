"""The instrument's own check: does a run give the verdicts that are certain beforehand?"""

from prefvec.report.record import KnownAnswer, Record


def wrong(record: Record) -> list[KnownAnswer]:
    """The known answers that the run contradicts."""
    return [known for known in record["known_answers"] if not known["agrees"]]


def headline(record: Record) -> str | None:
    """In one line, how the run stands to its known answers; None if it measured none."""
    known = record["known_answers"]
    if not known:
        return None
    if not wrong(record):
        return f"Known answers: all {len(known)} came out as expected."
    told = "; ".join(f"{each['id']}: {wrongly(each)}" for each in wrong(record))
    convicted = "" if record["run"]["mode"] == "quick" else "The instrument is wrong. "
    return f"Known answers: {len(wrong(record))} of {len(known)} came out wrong. {convicted}{told}."


def wrongly(known: KnownAnswer) -> str:
    """What a known answer needed and what was measured instead."""
    return "; ".join(
        f"{check['name']}: needed {check['needed']}, measured {check['measured']}"
        for check in known["checks"]
        if not check["passed"]
    )


def properties(known: KnownAnswer) -> list[tuple[str, str]]:
    """Name and value of each property of its test case in JUnit XML."""
    return [
        ("known_answer", known["id"]),
        ("outcome", known["outcome"]),
        ("needed", known["needed"]),
        ("agrees", str(known["agrees"]).lower()),
    ]
