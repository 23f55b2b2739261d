"""Forward passes in part: ended early, begun where another one came to, with few logits."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.residual import POINTS, Site


@contextmanager
def stopping_after(model: LanguageModel, sites: Iterable[Site]) -> Generator[None]:
    """End the forward pass inside the block as soon as it has passed all of the sites.

    What lies beyond the deepest of them is never computed: the rest of the blocks, the last norm,
    the logits. The pass returns nothing, and leaves the `with` block; run one pass in it, and
    enter it inside `read`.

    Args:
        model: the model whose pass ends early.
        sites: where it is read, at least one.

    Raises:
        PrefvecError: if the model lacks a site.
    """

    def stop(*passing: Any) -> None:
        raise _Passed

    deepest = max(sites, key=lambda site: (site.layer, POINTS.index(site.point)))
    deepest.require(model)
    block = model.blocks[deepest.layer]
    ends = deepest.point == "resid_post"
    handle = (block.register_forward_hook if ends else block.register_forward_pre_hook)(stop)
    try:
        with suppress(_Passed):
            yield
    finally:
        handle.remove()


@contextmanager
def logits_at(model: LanguageModel, rows: Sequence[int], columns: Sequence[int]) -> Generator[None]:
    """Have a forward pass compute logits at some positions of its batch and at no others.

    Where a vocabulary is large, logits cost more than all blocks together. The pass returns one
    row of logits, position by position in the order given.

    Args:
        model: whose pass it is.
        rows: of each position.
        columns: likewise, counted from the first that this pass reads.

    Raises:
        PrefvecError: if the model does not say what turns its residual stream into logits.
    """
    network: Any = model.network
    head: nn.Module | None = network.get_output_embeddings()
    if head is None:
        raise PrefvecError(
            f"{model.name} has no output embeddings, so its logits cannot be had at some positions "
            "alone. Use a causal language model of transformers."
        )
    where = [list(rows), list(columns)]
    handle = head.register_forward_pre_hook(lambda _, given: (given[0][where[0], where[1]][None],))
    try:
        yield
    finally:
        handle.remove()


class _Passed(Exception):  # noqa: N818 - no error
    """A pass has gone as far as it is read."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Begun:
    """A forward pass as far as the end of one block, to be gone on with any number of times.

    Attributes:
        layer: the block.
        residual: what it returned, for each row and position.
        bare: whether it returned that alone, and not as the first of several things.
    """

    layer: int
    residual: Float[Tensor, "rows positions d_model"]
    bare: bool


def begun(model: LanguageModel, layer: int, forward: Callable[[], Any]) -> Begun:
    """Run a pass as far as the end of a block, and no further.

    Args:
        model: whose pass it is.
        layer: the block.
        forward: runs one pass.
    """
    site, kept = Site(layer, "resid_post"), list[Any]()
    watch = model.blocks[layer].register_forward_hook(lambda _, __, output: kept.append(output))
    try:
        with stopping_after(model, [site]):
            forward()
    finally:
        watch.remove()
    (output,) = kept
    bare = isinstance(output, Tensor)
    return Begun(layer=layer, residual=output if bare else output[0], bare=bare)


@contextmanager
def going_on_from(model: LanguageModel, start: Begun, *, times: int = 1) -> Generator[None]:
    """Have the passes inside the block begin after the one that another pass came to.

    The blocks up to that one are not computed, nor do they write keys and values. What passes
    them is what they returned before; hooks on them see it, so that what is added at the end of
    the last of them is added as ever.

    Args:
        model: the one that the pass was begun with.
        start: how far it came.
        times: how often its rows are repeated, one after another.
    """
    stands = start.residual.repeat(times, 1, 1) if times > 1 else start.residual

    def passed(*args: Any, **kwargs: Any) -> Any:
        return stands if start.bare else (stands,)

    with ExitStack() as undo:
        for block in model.blocks[: start.layer + 1]:
            undo.callback(_restore, block, block.__dict__.get("forward"))
            block.forward = passed
        yield


def _restore(block: nn.Module, forward: Callable[..., Any] | None) -> None:
    """Give a block its own forward pass back: its class's, or the one that was put on it."""
    if forward is None:
        del block.forward
    else:
        block.forward = forward
