"""Words that several rooms share, each written in one place."""

from typing import Literal, get_args

OutcomeWord = Literal["SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID", "NOT APPLICABLE"]
"""How a claim ended, as reports write it; in the order in which they count them."""

Kind = Literal["steers", "fails", "works", "exceeds", "spares", "generalises"]
"""What a claim says of a vector: the name of its criterion."""

Change = Literal[
    "SAME", "REGRESSED", "IMPROVED", "NOT REPRODUCED", "DRIFT", "NEW", "NOT COMPARABLE"
]
"""How a claim stands to the finding that was blessed. `NOT REPRODUCED`: all of its inputs are as
blessed, and cell, direction or odd part are not."""

Role = Literal["test", "filter", "precondition", "control", "shown"]
"""What a line is to its verdict. `test`: part of the conjunction, or the inequality that refuted
the claim. `filter`: a size that matters. `precondition`: without it INVALID. `control`: without
it not SUPPORTED. `shown`: decides nothing."""

About = Literal["assay sensitivity", "refutation", "power"]
"""Lines that readers treat apart from others of their role. `assay sensitivity`: that the target's
own vector moves it in this run. `refutation`: an inequality that would refute the claim, and did
where its role is `test`. `power`: what the prompts can show."""

Scale = Literal["log", "share", "points", "correlation"]
"""Of what a number is. `log`: a log ratio, read as a factor. `share`: a share of 1. `points`: a
difference of shares. `correlation`: a plain number."""

Alternative = Literal["greater", "less"]
"""On which side of its threshold a number was needed."""

Positions = Literal["answer", "all"]
"""At which tokens a vector is added. `answer`: the last token of the prompt, which predicts the
answer's first, and every token of the answer. `all`: every token of the prompt as well, from its
first, as llama.cpp, lm-evaluation-harness and steering-vectors add."""

WeightFormat = Literal["Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"]
"""Formats of llama.cpp for weights, from 8 to 4 bits: 32 neighbours of a row have a scale in
common, in those that end in 1 an offset, too."""

OUTCOMES: tuple[OutcomeWord, ...] = get_args(OutcomeWord)
KINDS: tuple[Kind, ...] = get_args(Kind)
CHANGES: tuple[Change, ...] = get_args(Change)
SCALES: tuple[Scale, ...] = get_args(Scale)

THREE_FINDINGS = "the three findings"
"""The row of the larger question that a claim belongs to where it names none."""
