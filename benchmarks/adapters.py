"""What it costs to fit an adapter, against numpy's least squares on the same rows.

One run prints seconds, peak memory and ratios, one process for each fit:

    python -m benchmarks.adapters [--threads 1] [--shape 1000x128 --shape 512x4096]

A fit of ours is the whole of it: the penalty or rank by cross-validation, the map, the held-out
R² and that of shuffled pairs, which is 18 solutions in all. `numpy lstsq` is a single solution,
nothing chosen and nothing judged (LAPACK gelsd, float64, centred rows). Peak memory is above what
the process had before the fit, rows included; the rows themselves are float32.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import torch

from benchmarks.results import keep
from prefvec.adapters import autoencoder, orthogonal_procrustes, reduced_rank, ridge
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site, Space

FITS = {
    "ridge": ridge,
    "orthogonal_procrustes": orthogonal_procrustes,
    "reduced_rank": reduced_rank,
    "autoencoder": autoencoder,
}
PEER = "numpy lstsq"
SHAPES = ("1000x128", "3000x160", "512x4096", "4096x4096", "32768x4096")
NARROW = 512
"""The autoencoder is left out at greater widths, where it takes minutes."""


def paired_rows(n: int, width: int) -> tuple[Activations, Activations]:
    """Paired rows whose variances fall off over the width, under a noisy linear map."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(n, width, generator=generator) * torch.logspace(0, -3, width)
    y = x @ torch.randn(width, width, generator=generator) / width**0.5
    y += 0.1 * y.std() * torch.randn(n, width, generator=generator)
    return _activations(x, "source"), _activations(y, "target")


def _activations(values: torch.Tensor, model: str) -> Activations:
    return Activations(
        values=values,
        space=Space(model=model, tokenizer=model, site=Site(0, "resid_post"), n_layers=1),
        ids=tuple(f"prompt-{i}" for i in range(len(values))),
        positions="last prompt token",
        mean_norm=float(values.norm(dim=1).mean()),
    )


def peak() -> float:
    """Greatest memory of the process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(name: str, shape: str, threads: int) -> None:
    """Fit once in this process and print seconds and MB."""
    torch.set_num_threads(threads)
    n, width = map(int, shape.split("x"))
    torch.linalg.eigh(torch.eye(2, dtype=torch.float64))  # the first call of a process is slow
    before = peak()
    source, target = paired_rows(n, width)
    start = time.perf_counter()
    if name == PEER:
        x, y = (side.values.double().numpy() for side in (source, target))
        np.linalg.lstsq(x - x.mean(axis=0), y - y.mean(axis=0), rcond=None)
    else:
        FITS[name](source, target)
    print(time.perf_counter() - start, peak() - before)


def in_process(name: str, shape: str, threads: int) -> tuple[float, float]:
    """Seconds and MB of one fit in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.adapters", "--threads", str(threads)]
    limits = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
    found = subprocess.run(
        [*command, "--shape", shape, "--only", name],
        env={**os.environ, **limits},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes = map(float, found.stdout.split())
    return seconds, megabytes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shape", action="append", help="rows x width, both sides; repeatable")
    parser.add_argument("--only", choices=[PEER, *FITS], help=argparse.SUPPRESS)
    options = parser.parse_args()
    shapes = options.shape or SHAPES
    if options.only:
        measure(options.only, shapes[0], options.threads)
        return
    rows: list[dict[str, Any]] = []
    for shape in shapes:
        width = int(shape.split("x")[1])
        names = [PEER, *(name for name in FITS if name != "autoencoder" or width <= NARROW)]
        found = {name: in_process(name, shape, options.threads) for name in names}
        print(f"{shape} rows x width, {options.threads} threads")
        print(f"{'':<22}{'seconds':>10}{'ratio':>8}{'MB':>8}")
        for name, (seconds, megabytes) in found.items():
            ratio = seconds / found[PEER][0]
            row = {"rows x width": shape, "fit": name, "seconds": seconds, "ratio": ratio}
            rows.append(row | {"MB": megabytes})
            print(f"{name:<22}{seconds:>10.2f}{ratio:>8.2f}{megabytes:>8,.0f}")
    print(f"kept in {keep('adapters', rows, threads=options.threads)}")


if __name__ == "__main__":
    main()
