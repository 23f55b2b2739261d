"""What a reading depends on, for the names of files that keep what came of it."""

from collections.abc import Sequence

from prefvec.generation.requests import environment
from prefvec.models.language_model import LanguageModel
from prefvec.provenance import code_fingerprint
from prefvec.text.verbatim import Reply, Said, Verbatim


def read_by(model: LanguageModel, turns: Sequence[Said], decides: Sequence[str]) -> list[object]:
    """Everything that decides what a model holds while it reads turns.

    Args:
        model: the model that reads.
        turns: what it reads.
        decides: the modules that take part.
    """
    key: list[object] = [code_fingerprint(*decides), environment(model)]
    key += [model.fingerprint, model.tokenizer_fingerprint, str(model.dtype)]
    key += [model.dialect.ends_fingerprint]
    return key + [[p.id, p.text, p.instruction, *_as_read(reply)] for p, reply in turns]


def _as_read(reply: Reply) -> list[object]:
    """The text of an answer, and the tokens it was written in where they are given."""
    return [reply.text, reply.ids, reply.model] if isinstance(reply, Verbatim) else [reply]
