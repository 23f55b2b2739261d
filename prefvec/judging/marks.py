"""From replies to a mark: an expectation over the scale's tokens, or a mean of sampled replies."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from prefvec.judging.judge import Reply

LEAST_MASS = 0.5
"""Probability that the scale's tokens must have together: else the judge would rather say something
else, and their ratios tell nothing of the answer."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a judge thinks of one answer.

    Attributes:
        share: of the scale, from 0 to 1; None where the replies could not be read. A reply that
            cannot be read is a failure, and never the lowest mark.
        mass: probability of the scale's tokens, where the judge tells it.
        replies: how many replies it rests on.
    """

    share: float | None
    mass: float | None = None
    replies: int = 1


def expected(reply: Reply, scale: str) -> Mark:
    """The expected share of the scale over the log-probabilities of its tokens.

    Only whole tokens count: "4" and " 4" are the mark, "40" and "4th" are not. Tokens that a server
    does not list have no weight.

    Args:
        reply: with log-probabilities.
        scale: the marks, lowest first.

    Example:
        >>> tokens = (("4", math.log(0.6)), (" 5", math.log(0.3)), ("40", math.log(0.1)))
        >>> round(expected(Reply(text="4", logprobs=tokens), "12345").share, 4)
        0.8333
    """
    weights = dict.fromkeys(scale, 0.0)
    for token, logprob in reply.logprobs or ():
        if token.strip() in weights:
            weights[token.strip()] += math.exp(logprob)
    mass = sum(weights.values())
    if mass < LEAST_MASS or read(reply.text, scale) is None:
        return Mark(share=None, mass=mass)
    top = len(scale) - 1
    share = sum(weights[mark] * rank / top for rank, mark in enumerate(scale)) / mass
    return Mark(share=share, mass=mass)


def averaged(replies: Sequence[Reply], scale: str) -> Mark:
    """The mean share of the scale over several sampled replies.

    Where half of them or more cannot be read, the mark is a failure.

    Args:
        replies: samples of one sheet.
        scale: the marks, lowest first.
    """
    marks = [mark for reply in replies if (mark := read(reply.text, scale)) is not None]
    if 2 * len(marks) <= len(replies):
        return Mark(share=None, replies=len(replies))
    top = len(scale) - 1
    return Mark(
        share=sum(scale.index(mark) for mark in marks) / len(marks) / top, replies=len(replies)
    )


def read(text: str, scale: str) -> str | None:
    """The mark that a reply consists of; None where its first line says anything else.

    Example:
        >>> read("**4**.", "12345"), read("10", "12345"), read("I would say 4", "12345")
        ('4', None, None)
    """
    marks = "".join(map(re.escape, scale))
    found = re.match(rf"[\W_]*([{marks}])[^\w\n]*(?:\n|$)", text)
    return found[1] if found else None
