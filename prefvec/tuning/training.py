"""The loop that makes a loss small."""

import contextlib
import math
from collections.abc import Callable, Generator
from pathlib import Path

import torch

from prefvec.errors import PrefvecError
from prefvec.tuning.checkpoints import Checkpoint, moments_of, restore
from prefvec.tuning.lora import Adapters
from prefvec.tuning.objectives import Objective
from prefvec.tuning.recipe import Recipe

Progress = Callable[[int, int], None]
"""Told how many steps are done, of how many."""

_PRIME = 1_000_003


def train(
    adapters: Adapters,
    objective: Objective,
    count: int,
    recipe: Recipe,
    *,
    folder: Path,
    training: str,
    progress: Progress | None = None,
) -> tuple[float, ...]:
    """Train the tuned adapter in place, from its latest checkpoint on.

    What a step draws, its answers and its dropout, follows from the seed and the number of the
    step alone, so that a training that was cut off ends as one that was not.

    Args:
        adapters: whose tuned one is trained.
        objective: the loss of some examples by their numbers.
        count: how many examples there are.
        recipe: steps, batches, rate and seed.
        folder: where checkpoints are kept.
        training: which training this is; a checkpoint of another is refused.
        progress: told after each step.

    Returns:
        The loss before each step.

    Raises:
        PrefvecError: if there are no examples, the loss is not finite, or see `Checkpoint`.
    """
    if not count:
        raise PrefvecError("There are no answers to tune on. Give some.")
    parameters = adapters.parameters
    optimizer = torch.optim.Adam(parameters.values(), lr=recipe.learning_rate)
    losses: list[float] = []
    if (kept := Checkpoint.load(folder, training)) is not None:
        adapters.load(kept.parameters)
        restore(optimizer, parameters, kept)
        losses = list(kept.losses)
    for step in range(len(losses), recipe.steps):
        optimizer.zero_grad()
        loss = 0.0
        with _random(recipe.seed * _PRIME + step, next(iter(parameters.values())).device):
            for part in objective(batch_at(step, count, recipe)):
                part.backward()
                loss += float(part.detach())
        losses.append(_finite(loss, step))
        optimizer.step()
        if (step + 1) % recipe.checkpoint_every == 0 or step + 1 == recipe.steps:
            Checkpoint(
                training=training,
                losses=tuple(losses),
                parameters=parameters,
                moments=moments_of(optimizer, parameters),
            ).save(folder)
        if progress is not None:
            progress(step + 1, recipe.steps)
    return tuple(losses)


def batch_at(step: int, count: int, recipe: Recipe) -> list[int]:
    """Numbers of the examples of one step: every example once before any comes again.

    Args:
        step: counted from 0.
        count: how many examples there are.
        recipe: its batch size and seed.
    """
    first = step * recipe.batch_size
    places = range(first, first + min(recipe.batch_size, count))
    orders = {place // count for place in places}
    shuffled = {number: _order(number, count, recipe.seed) for number in orders}
    return [shuffled[place // count][place % count] for place in places]


def _order(number: int, count: int, seed: int) -> list[int]:
    generator = torch.Generator().manual_seed(seed * _PRIME + number)
    return torch.randperm(count, generator=generator).tolist()


def _finite(loss: float, step: int) -> float:
    if not math.isfinite(loss):
        raise PrefvecError(
            f"The loss at step {step} is {loss}, so that nothing can be learned from it. Lower the "
            "learning rate or the coefficient, or compute in float32."
        )
    return loss


@contextlib.contextmanager
def _random(seed: int, device: torch.device) -> Generator[None]:
    """Draw from a seed inside the block, and leave the caller's random state as it was."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
