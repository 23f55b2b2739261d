"""Two models and texts that both read → a map from one residual stream to the other."""

from collections.abc import Callable
from dataclasses import replace

from prefvec.adapters import (
    Adapter,
    anchor_projection,
    autoencoder,
    orthogonal_procrustes,
    reduced_rank,
    ridge,
)
from prefvec.errors import PrefvecError
from prefvec.face.texts import Texts, encoded, named_texts, residual_norm, site_of
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.text.metrics import sentence_ends
from prefvec.text.traits import AnswerPositions
from prefvec.vectors.activations import Activations, at_ends, shared_ends
from prefvec.vectors.residual import Site

Fit = Callable[[Activations, Activations], Adapter]

METHODS: dict[str, Fit] = {
    "ridge": ridge,
    "orthogonal_procrustes": orthogonal_procrustes,
    "reduced_rank": reduced_rank,
    "autoencoder": autoencoder,
    "anchors": anchor_projection,
}
"""Estimators whose rows are texts that both models have read."""


def fit_adapter(
    source: LanguageModel,
    target: LanguageModel,
    texts: Texts,
    *,
    method: str | Fit = "ridge",
    source_site: Site | int | None = None,
    target_site: Site | int | None = None,
    read: AnswerPositions = "every token",
) -> Adapter:
    """A map from the source's residual stream to the target's, fitted on texts that both read.

    One row is one character position at which both tokenizers end a token. An adapter can carry
    only what its texts vary in: for a vector of verbosity, give texts both short and long. Never
    give it the contrast pairs of the vector it is to carry, or the transfer is circular.

    Args:
        source: the model that vectors come from.
        target: the model that they go to.
        texts: what both read: plain strings, read without any chat template; or (question,
            answer) turns, of which the answers give rows; or what `answer` returned.
        method: "ridge", "orthogonal_procrustes", "reduced_rank", "autoencoder", "anchors", or any
            function of paired rows of source and target that returns an adapter.
        source_site: a site, or the number of a block whose output is taken; the middle block,
            n_layers // 2, when None, as in `PreferenceVectors`.
        target_site: likewise, in the target.
        read: rows at every shared end of a token, or only where sentences end; of a text without
            any, at its end.

    Raises:
        PrefvecError: if there are fewer than 8 texts, a text is empty, a model lacks the site,
            the method is unknown, or see the method.

    Example:
        >>> adapter = pv.fit_adapter(source, target, texts)
        >>> carried = adapter.transport(vector)
        >>> carried.site, carried.model == target.fingerprint
        (Site(layer=3, point='resid_post'), True)
    """
    fit = _fitter(method)
    named = named_texts(texts)
    sites = site_of(source, source_site), site_of(target, target_site)
    turns = [encoded(model, named) for model in (source, target)]
    ends = [_ends(a, b, text, read) for a, b, (_, _, text) in zip(*turns, named, strict=True)]
    ids = [id_ for id_, _, _ in named]
    rows = [
        at_ends(model, read_as, ends, [site], ids=ids)[site]
        for model, read_as, site in zip((source, target), turns, sites, strict=True)
    ]
    norm = residual_norm(target, turns[1], sites[1], ids)
    return replace(fit(*rows), residual_norm=norm, read_from=frozenset(ids))


def _fitter(method: str | Fit) -> Fit:
    if not isinstance(method, str):
        return method
    if method not in METHODS:
        raise PrefvecError(
            f"{method!r} is no method to fit an adapter from texts. Give one of "
            f"{', '.join(METHODS)}, or a function of paired rows."
        )
    return METHODS[method]


def _ends(a: Turn, b: Turn, text: str, read: AnswerPositions) -> list[int]:
    """Character positions of a text that give rows; the end of it where no other does."""
    among = set(sentence_ends(text)) if read == "sentence ends" else None
    return shared_ends(a, b, among) or [len(text)]
