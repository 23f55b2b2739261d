"""Where the residual stream is read and moved, by hooks that are gone when a block ends."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel

POINTS = ("resid_pre", "resid_post")

Move = Callable[[Tensor], Tensor]
"""Makes of the residual at a site what takes its place."""

_OPEN: WeakKeyDictionary[nn.Module, int] = WeakKeyDictionary()
"""Networks with the number of `add_by_hand` blocks that are open on them."""


@dataclass(frozen=True, order=True)
class Site:
    """One place in the residual stream.

    Attributes:
        layer: index of the decoder block, counted from 0.
        point: "resid_pre" is what the block receives, "resid_post" what it returns.

    Example:
        >>> str(pv.Site(3, "resid_post"))
        'block 3, resid_post'
    """

    layer: int
    point: str

    def __post_init__(self) -> None:
        if self.layer < 0 or self.point not in POINTS:
            raise PrefvecError(
                f"({self.layer}, {self.point!r}) is not a site. A site is a decoder block counted "
                f"from 0 and one of the points {' and '.join(POINTS)}."
            )

    def __str__(self) -> str:
        return f"block {self.layer}, {self.point}"

    def require(self, model: LanguageModel) -> None:
        """Assert that the model has this site.

        Raises:
            PrefvecError: naming the blocks there are.
        """
        if self.layer >= len(model.blocks):
            raise PrefvecError(
                f"There is no {self} in this model: its {len(model.blocks)} blocks are counted "
                f"0 to {len(model.blocks) - 1}. Choose a layer among them."
            )


@dataclass(frozen=True, kw_only=True)
class Space:
    """The residual space of one model at one site: coordinates mean nothing outside it.

    Attributes:
        model: fingerprint of the model's weights.
        tokenizer: fingerprint of its tokenizer and chat template.
        site: where in the residual stream.
        n_layers: decoder blocks in the model.
    """

    model: str
    tokenizer: str
    site: Site
    n_layers: int

    @classmethod
    def of(cls, model: LanguageModel, site: Site) -> "Space":
        """The space of this model at this site."""
        return cls(
            model=model.fingerprint,
            tokenizer=model.tokenizer_fingerprint,
            site=site,
            n_layers=model.n_layers,
        )

    def require(self, model: LanguageModel, what: str) -> None:
        """Assert that `what` was made for this very model.

        Raises:
            PrefvecError: saying which part differs and what to do.
        """
        for part, own, its in (
            ("weights", self.model, model.fingerprint),
            ("tokenizer", self.tokenizer, model.tokenizer_fingerprint),
        ):
            if own != its:
                raise PrefvecError(
                    f"{what} does not belong to {model.name}: it was made for {part} {own}, and "
                    f"these are {its}. Coordinates of one model mean nothing in another. Extract "
                    "it from this model, or transfer it with an adapter first."
                )


class Reading:
    """What passed each site during the latest forward pass."""

    def __init__(self, sites: Iterable[Site], *, gradients: bool = False) -> None:
        self._captured: dict[Site, Tensor | None] = dict.fromkeys(sites)
        self._gradients = gradients

    def __getitem__(self, site: Site) -> Float[Tensor, "batch seq d_model"]:
        """The residual at the site, with whatever was added there.

        Raises:
            PrefvecError: if the site is not being read, or nothing has passed it yet.
        """
        tensor = self._captured.get(site)
        if tensor is None:
            why = "no forward pass has reached it" if site in self._captured else "it is not read"
            raise PrefvecError(
                f"Nothing was captured at {site}: {why}. Name the site in `read(...)` and run the "
                "model inside the `with` block."
            )
        return tensor

    def put(self, site: Site, tensor: Tensor) -> None:
        """Keep what passed; called by the hook."""
        self._captured[site] = tensor if self._gradients else tensor.detach()


@contextmanager
def read(
    model: LanguageModel, sites: Iterable[Site], *, gradients: bool = False
) -> Generator[Reading]:
    """Capture the residual at the sites in every forward pass inside the block.

    What is read lies on the model's device, also where a spread model has the block on another.
    Reading sees what `add` has added at the same site, whichever was entered first.

    Args:
        model: the model that reads.
        sites: where.
        gradients: whether what is read keeps the graph it was computed by, for training.

    Raises:
        PrefvecError: if the model lacks a site.

    Example:
        >>> site = pv.Site(3, "resid_post")
        >>> with torch.inference_mode(), pv.read(source, [site]) as reading:
        ...     _ = source.network(torch.tensor([[1, 2, 3]]))
        >>> reading[site].shape
        torch.Size([1, 3, 128])
    """
    wanted = list(dict.fromkeys(sites))
    reading = Reading(wanted, gradients=gradients)
    with ExitStack() as hooks:
        for site in wanted:

            def keep(residual: Tensor, site: Site = site) -> None:
                reading.put(site, residual.to(model.device))

            hooks.callback(_hook(model, site, keep, first=False).remove)
        yield reading


@contextmanager
def add(
    model: LanguageModel, deltas: Mapping[Site, Float[Tensor, "rows d_model"]]
) -> Generator[None]:
    """Add one vector per batch row to the residual at each site, in every position.

    The caller decides which forward passes run inside the block. Entries that are zero are
    added as -0.0, since x + (-0.0) is x bit for bit, so a row without a dose is untouched.

    Args:
        model: the model to steer.
        deltas: for each site one row per row of the batch, in residual units.

    Raises:
        PrefvecError: if the model lacks a site, if rows or width differ from the batch, or if
            the block ends without a forward pass having reached every site.
    """

    def rows(site: Site, delta: Tensor) -> Move:
        exact = _exact(delta)

        def move(residual: Tensor) -> Tensor:
            wanted = (residual.shape[0], residual.shape[-1])
            if exact.shape != wanted:
                raise PrefvecError(
                    f"The delta at {site} is {tuple(exact.shape)}, but the batch has "
                    f"{wanted[0]} rows of width {wanted[1]}. Give one vector per row."
                )
            return residual + exact.to(residual)[:, None, :]

        return move

    with _moving(model, {site: rows(site, delta) for site, delta in deltas.items()}):
        yield


@contextmanager
def add_by_hand(
    model: LanguageModel, site: Site, delta: Float[Tensor, " d_model"], *, last_alone: bool = False
) -> Generator[None]:
    """Add one vector to the residual at a site, in every row, at every position or the last.

    Every forward pass inside the block is steered, whoever runs it; blocks nest, and their
    vectors add up. While one is open, `steered_by_hand` says so of the model.

    Args:
        model: the model to steer.
        site: where.
        delta: in residual units.
        last_alone: whether only the last position of each pass is moved.

    Raises:
        PrefvecError: if the model lacks the site, if the width differs from the stream's, or if
            the block ends without a forward pass having reached the site.
    """
    exact = _exact(delta)
    if exact.shape != (model.d_model,):
        raise PrefvecError(
            f"A delta of shape {tuple(exact.shape)} cannot be added to the residual stream of "
            f"{model.name}, which is {model.d_model} wide. Give one vector of that width."
        )

    def move(residual: Tensor) -> Tensor:
        if not last_alone:
            return residual + exact.to(residual)
        return torch.cat([residual[:, :-1], residual[:, -1:] + exact.to(residual)], dim=1)

    with _moving(model, {site: move}):
        _OPEN[model.network] = _OPEN.get(model.network, 0) + 1
        try:
            yield
        finally:
            _OPEN[model.network] -= 1


def steered_by_hand(model: LanguageModel) -> bool:
    """Whether an `add_by_hand` block is open on the model, so that all it does is steered."""
    return _OPEN.get(model.network, 0) > 0


def _exact(delta: Tensor) -> Tensor:
    """A delta whose zeros are -0.0, so that adding them changes no bit."""
    return torch.where(delta == 0, -0.0, delta)


@contextmanager
def _moving(model: LanguageModel, moves: Mapping[Site, Move]) -> Generator[None]:
    """Replace the residual at each site; refuse to end before a pass has reached every one."""
    waiting = set(moves)
    with ExitStack() as hooks:
        for site, move in moves.items():

            def see(residual: Tensor, site: Site = site, move: Move = move) -> Tensor:
                moved = move(residual)
                waiting.discard(site)
                return moved

            hooks.callback(_hook(model, site, see, first=True).remove)
        yield
    if waiting:
        raise PrefvecError(
            f"Nothing was added at {', '.join(map(str, sorted(waiting)))}: no forward pass "
            "reached it, so what ran was not steered. Run the model inside the `with` block, "
            "through its decoder blocks."
        )


def _hook(
    model: LanguageModel, site: Site, see: Callable[[Tensor], Tensor | None], *, first: bool
) -> RemovableHandle:
    """Show `see` the residual at the site; what it returns, if anything, takes its place."""
    site.require(model)
    block = model.blocks[site.layer]
    if site.point == "resid_post":

        def after(module: nn.Module, args: Any, output: Any) -> Any:
            whole = isinstance(output, Tensor)
            changed = see(output if whole else output[0])
            if changed is None:
                return None
            return changed if whole else (changed, *output[1:])

        return block.register_forward_hook(after, prepend=first)

    def before(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if args:
            changed = see(cast(Tensor, args[0]))
            return None if changed is None else ((changed, *args[1:]), kwargs)
        changed = see(cast(Tensor, kwargs["hidden_states"]))
        return None if changed is None else (args, {**kwargs, "hidden_states": changed})

    return block.register_forward_pre_hook(before, prepend=first, with_kwargs=True)
