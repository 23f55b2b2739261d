"""What a reading depends on, for the names of files that keep what came of it."""

import hashlib
import json
from collections.abc import Sequence

from prefvec.generation.requests import environment
from prefvec.models.language_model import LanguageModel
from prefvec.provenance import code_fingerprint
from prefvec.text.verbatim import Reply, Said, Verbatim


def digest_of_reading(
    what: object, model: LanguageModel, turns: Sequence[Said], decides: Sequence[str]
) -> str:
    """32 hex digits over everything that decides what a model holds while it reads turns.

    Args:
        what: is read of them, as JSON can write it.
        model: the model that reads.
        turns: what it reads.
        decides: the modules that take part.
    """
    key: list[object] = [what, code_fingerprint(*decides), environment(model)]
    key += [model.fingerprint, model.tokenizer_fingerprint, str(model.dtype)]
    key += [model.dialect.ends_fingerprint]
    key += [[p.id, p.text, p.instruction, *_as_read(reply)] for p, reply in turns]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:32]


def _as_read(reply: Reply) -> list[object]:
    """The text of an answer, and the tokens it was written in where they are given."""
    return [reply.text, reply.ids, reply.model] if isinstance(reply, Verbatim) else [reply]
