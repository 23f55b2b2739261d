"""A vector of one model, copied as it is into another: what an adapter has to beat."""

from prefvec.face.texts import Texts, encoded, named_texts, residual_norm, site_of
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.every_block import PreferenceVectors, one_of
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.transfer import copied_raw
from prefvec.vectors.vector import PreferenceVector


def raw_transfer(
    vector: PreferenceVector | PreferenceVectors,
    target: LanguageModel,
    texts: Texts,
    *,
    target_site: Site | int | None = None,
) -> PreferenceVector:
    """The very same coordinates in another model, as long there relative to its residual stream.

    Args:
        vector: of the source; of vectors at several blocks, that of the middle one.
        target: the model that it goes to.
        texts: what the target reads to tell how long its residual stream is, given as to
            `fit_adapter`. Nothing else is learnt from them.
        target_site: a site, or the number of a block whose output is taken; the middle block,
            n_layers // 2, when None.

    Raises:
        UnequalWidths: if the two streams have different widths.
        PrefvecError: if a text is empty, or the target lacks the site.

    Example:
        >>> copied = pv.raw_transfer(vector, target, texts)
        >>> torch.equal(copied.direction, vector.middle.direction)
        True
        >>> copied.model == target.fingerprint
        True
    """
    own, site = one_of(vector), site_of(target, target_site)
    named = named_texts(texts)
    norm = residual_norm(target, encoded(target, named), site, [id_ for id_, _, _ in named])
    space = Space.of(target, site)
    return copied_raw(own, space, d_model=target.d_model, residual_norm=norm)
