"""A direction with a norm, bound to one model and one site."""

import hashlib
import json
import math
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import Prompt
from prefvec.vectors import files
from prefvec.vectors.residual import Site, Space, add_by_hand
from prefvec.vocabulary import Positions

DIRECTION = "direction"
"""The tensor of a file that holds one vector."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PreferenceVector:
    """What to add to the residual stream to move a preference.

    Attributes:
        direction: unit vector, float32, on the CPU. Positive coefficients steer along it.
        norm: length of the vector, in residual units.
        residual_norm: mean norm of the residual at the site, in the same units.
        space: the model and site whose coordinates these are.
        trait: the preference, e.g. "verbosity".
        estimator: how it was found.
        positions: which token positions it was read at.
        n_pairs: contrast pairs it rests on.
        prompt_set: hash of the prompts it was extracted from.
        read_from: ids of all prompts that it was read from, those of the maps that carried it
            included; a prompt has one id under whatever instruction. Empty where it is unknown.
        stability: mean cosine between the estimates from random halves of the pairs; None
            where there is nothing to halve.

    Example:
        >>> one = vector.at(3)
        >>> (2 * one).norm == 2 * one.norm, torch.equal((-one).direction, -one.direction)
        (True, True)
    """

    direction: Float[Tensor, " d_model"]
    norm: float
    residual_norm: float
    space: Space
    trait: str
    estimator: str
    positions: str
    n_pairs: int
    prompt_set: str
    read_from: frozenset[str]
    stability: float | None

    def __post_init__(self) -> None:
        length = float(self.direction.double().norm())
        if not abs(length - 1) < 1e-4:
            raise PrefvecError(
                f"The direction of a vector for {self.trait} has length {length:.6g} instead of 1. "
                "Zero and non-finite directions steer nowhere; divide by the norm before."
            )
        for name, value in (("norm", self.norm), ("residual_norm", self.residual_norm)):
            if not (math.isfinite(value) and value > 0):
                raise PrefvecError(
                    f"The {name} of a vector for {self.trait} is {value}. It must be finite and "
                    "above 0; for no steering at all use UNSTEERED or the coefficient 0."
                )

    @property
    def site(self) -> Site:
        """Where it was read, and where it is to be added."""
        return self.space.site

    @property
    def model(self) -> str:
        """Fingerprint of the model it belongs to."""
        return self.space.model

    @property
    def tokenizer(self) -> str:
        """Fingerprint of that model's tokenizer."""
        return self.space.tokenizer

    @property
    def n_layers(self) -> int:
        """Decoder blocks of that model."""
        return self.space.n_layers

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""
        return self.direction.shape[0]

    @property
    def relative_norm(self) -> float:
        """Length in units of the mean residual norm at the site."""
        return self.norm / self.residual_norm

    def at_relative_norm(self, relative_norm: float) -> "PreferenceVector":
        """The same direction at another length, in units of the mean residual norm."""
        return replace(self, norm=relative_norm * self.residual_norm)

    def __neg__(self) -> "PreferenceVector":
        return replace(self, direction=-self.direction)

    def __mul__(self, coefficient: float) -> "PreferenceVector":
        positive = self if coefficient > 0 else -self
        return replace(positive, norm=abs(coefficient) * self.norm)

    __rmul__ = __mul__

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest of everything the vector is, its provenance included."""
        content = files.MARKS | self.header()
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        digest.update(self.direction.numpy().tobytes())
        return digest.hexdigest()[:16]

    def require(self, model: LanguageModel) -> None:
        """Assert that the vector belongs to this model.

        Raises:
            PrefvecError: if it was made for another; a transfer step makes it this model's.
        """
        self.space.require(model, f"The {self.trait} vector")

    def require_unseen(self, prompts: Iterable[Prompt], what: str) -> None:
        """Assert that neither the vector nor a map that carried it was read from any of these.

        Args:
            prompts: what it is about to be measured on.
            what: what they are, for the sentence of an error, e.g. "the test prompts".

        Raises:
            PrefvecError: naming the first prompt that it was read from.

        Example:
            >>> vector.middle.require_unseen([pv.Prompt(id="new", text="Why?", topic="")], "these")
        """
        seen = next((prompt.id for prompt in prompts if prompt.id in self.read_from), None)
        if seen is not None:
            raise PrefvecError(
                f"The {self.trait} vector ({self.estimator}) was read from the prompt {seen!r}, "
                f"which is one of {what}. What is measured on prompts that a vector or its map "
                "has read is circular. Measure it on others, or extract and fit without this one."
            )

    @contextmanager
    def applied(
        self,
        model: LanguageModel,
        *,
        coefficient: float = 1.0,
        positions: Positions = "all",
    ) -> Generator[None]:
        """Steer everything the model does inside a `with` block, `network.generate` included.

        coefficient x norm x direction is added at the vector's site, in every row. Blocks nest and
        add up; the hook is gone when the block is left, by whatever way.

        Args:
            model: the one the vector belongs to.
            coefficient: the dose, in units of the vector; negative steers the other way.
            positions: "all", every token, those of the prompt included; or "answer", the last
                token of each forward pass alone. Under `generate` with a cache, which reads a
                prompt, padded on the left, in one pass and then token by token, that is from the
                last token of the prompt on, as `prefvec.answer` does.

        Raises:
            PrefvecError: if the vector belongs to another model, the coefficient is not finite,
                the positions are neither of the two, or the block ends without a forward pass.

        Example:
            >>> ids = torch.tensor([source.encode(answers.prompts[0])])
            >>> with vector.at(3).applied(source, coefficient=-1.0), torch.inference_mode():
            ...     steered = source.network(ids).logits
            >>> bool((steered == source.network(ids).logits).all())
            False
        """
        self.require(model)
        if not math.isfinite(coefficient):
            raise PrefvecError(
                f"The coefficient {coefficient} cannot be applied. Give a finite number; 0 steers "
                "nowhere."
            )
        require_positions(positions)
        delta = coefficient * self.norm * self.direction
        with add_by_hand(model, self.site, delta, last_alone=positions == "answer"):
            yield

    def summary(self) -> str:
        """One sentence: what it is, where, and how long."""
        stability = "" if self.stability is None else f", split-half cosine {self.stability:.2f}"
        return (
            f"{self.trait} by {self.estimator} from {self.n_pairs} pairs at {self.site} of "
            f"{self.n_layers} blocks, {self.relative_norm:.2f} of the mean residual norm{stability}"
        )

    def save(self, path: str | Path) -> None:
        """Write a safetensors file that says what it holds and where it belongs.

        Raises:
            PrefvecError: if the file cannot be written.
        """
        files.write(path, {DIRECTION: self.direction}, self.header())

    @classmethod
    def load(cls, path: str | Path, *, model: LanguageModel) -> "PreferenceVector":
        """Read a vector back for the model it was made for.

        Args:
            path: a file written by `save`.
            model: the model it is to steer.

        Raises:
            PrefvecError: if the file is missing, is not such a file, or belongs to another
                model or tokenizer.
        """
        header, directions = files.read(path)
        if DIRECTION not in directions:
            raise PrefvecError(
                f"{path} holds vectors of several blocks. Read it by PreferenceVectors.load, and "
                "take one by its block: `.at(3)`."
            )
        vector = cls.of_header(header, directions[DIRECTION])
        vector.require(model)
        return vector

    def header(self) -> dict[str, Any]:
        """All but the direction, as plain Python types."""
        return {
            "layer": self.site.layer,
            "layer_counting": "decoder blocks from 0",
            "point": self.site.point,
            "model": self.model,
            "tokenizer": self.tokenizer,
            "n_layers": self.n_layers,
            "norm": self.norm,
            "residual_norm": self.residual_norm,
            "trait": self.trait,
            "estimator": self.estimator,
            "positions": self.positions,
            "n_pairs": self.n_pairs,
            "prompt_set": self.prompt_set,
            "read_from": sorted(self.read_from),
            "stability": self.stability,
        }

    @classmethod
    def of_header(cls, header: dict[str, Any], direction: Tensor) -> "PreferenceVector":
        """The vector of a direction and a `header`."""
        names = ("norm", "residual_norm", "trait", "estimator", "positions", "n_pairs")
        return cls(
            direction=direction,
            space=Space(
                model=header["model"],
                tokenizer=header["tokenizer"],
                site=Site(header["layer"], header["point"]),
                n_layers=header["n_layers"],
            ),
            prompt_set=header["prompt_set"],
            read_from=frozenset(header.get("read_from", ())),
            stability=header["stability"],
            **{name: header[name] for name in names},
        )


def require_positions(positions: str) -> None:
    """Assert that these are positions, also where no types are checked.

    Raises:
        PrefvecError: naming those there are.
    """
    if positions not in get_args(Positions):
        raise PrefvecError(
            f"{positions!r} names no positions that a vector can be added at. Give "
            '"answer", from the last token of the prompt on, or "all", from the first.'
        )


def unit(vector: Tensor) -> Float[Tensor, " d_model"]:
    """The direction of a vector, as float32 on the CPU; exact under negation."""
    wide = vector.detach().cpu().double()
    return (wide / wide.norm()).float()


def random_direction(like: PreferenceVector, *, seed: int) -> PreferenceVector:
    """A control: a uniformly random direction at the same site and norm.

    Args:
        like: the vector whose site, norm and model are kept.
        seed: of the direction.

    Example:
        >>> control = pv.random_direction(vector.at(3), seed=1)
        >>> control.norm == vector.at(3).norm, abs(pv.cosine(control, vector.at(3))) < 0.5
        (True, True)
    """
    generator = torch.Generator().manual_seed(seed)
    direction = unit(torch.randn(like.d_model, generator=generator, dtype=torch.float64))
    return replace(
        like, direction=direction, estimator=f"random direction, seed {seed}", stability=None
    )
