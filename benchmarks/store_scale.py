"""What the store does with ten million answers, and what would do more.

    python -m benchmarks.store_scale [--answers 10000000] [--parts 4] [--folder DIR]

Simulated answers, as long as an organism's (about 25 tokens), are put by `CompletionStore` in
batches of 512. Told for each tenth: answers put a second. Then of the whole file: bytes an answer,
and look-ups a second of answers that are there and that are not. Compared are one file a worker,
merged into one, and Parquet (where pyarrow is installed), which is read
whole. A hundred million are reckoned from the last tenth: `x 10` is no measurement.
"""

import argparse
import importlib.util
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.results import keep
from prefvec.generation.store import Answer, CompletionKey, CompletionStore
from prefvec.store.exporting import export
from prefvec.store.merging import merge

BATCH = 512
LOOKED_UP = 20_000
KEY = CompletionKey(
    model="143876876c8c20e3",
    tokenizer="629a6a9fc743156e",
    ends="e10f6feaf282c30b",
    dtype="float32",
    prompt="",
    rendered="c9d27f0bae2361b9",
    sample=0,
    steering="b1f0c2d3e4f5a697",
    max_new_tokens=128,
    temperature=1.0,
    seed=0,
    code="257c5ada6e3a66c1",
    environment="torch 2.13.0+cpu, transformers 5.23.0, cpu",
)


def texts(count: int = 4096) -> list[Answer]:
    """Answers of 10 to 40 tokens, to be kept again and again."""
    chance, made = random.Random(0), list[Answer]()
    for _ in range(count):
        ids = tuple(chance.choices(range(1500), k=chance.randrange(10, 41)))
        text = " ".join("word"[: 1 + token % 4] + str(token) for token in ids)
        made.append(Answer(text, len(ids), "stop", ids, None, len(ids) * 0.8))
    return made


def key(number: int) -> CompletionKey:
    """The key of the answer of that number."""
    return replace(KEY, prompt=f"question-{number // 4}", sample=number % 4)


def batches(first: int, last: int) -> Iterator[dict[CompletionKey, Answer]]:
    """Answers by number, as many as are put at once."""
    there = texts()
    for start in range(first, last, BATCH):
        numbers = range(start, min(start + BATCH, last))
        yield {key(number): there[number % len(there)] for number in numbers}


def filled(path: Path, first: int, last: int) -> list[float]:
    """Put answers into a file; answers a second for each tenth, to the nearest batch.

    Making the answers is not counted.
    """
    rates = list[float]()
    with CompletionStore(path) as store:
        put, before, busy = 0, 0, 0.0
        for batch in batches(first, last):
            begun = time.perf_counter()
            store.put_many(batch)
            busy += time.perf_counter() - begun
            put += len(batch)
            if 10 * put >= (len(rates) + 1) * (last - first):
                rates.append((put - before) / busy)
                before, busy = put, 0.0
    return rates


def looked_up(path: Path, first: int, last: int) -> float:
    """Answers a second that are looked up, in random order, as after a restart of the run."""
    numbers = random.Random(1).choices(range(first, last), k=LOOKED_UP)
    keys = [key(number) for number in numbers]
    with CompletionStore(path) as store:
        begun = time.perf_counter()
        store.get_many(keys)
        return len(keys) / (time.perf_counter() - begun)


def merged(parts: list[Path], into: Path) -> float:
    """Seconds to put the answers of several files into one, each in the order of its digests."""
    begun = time.perf_counter()
    merge(parts, into)
    return time.perf_counter() - begun


def main() -> None:
    """Print what was measured, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000_000)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="where there is room (default: a new one)")
    options = parser.parse_args()
    count = options.answers
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        whole = folder / "whole.sqlite"
        found["put a second, by tenths"] = rates = filled(whole, 0, count)
        found["bytes an answer"] = whole.stat().st_size / count
        found["found a second"] = looked_up(whole, 0, count)
        found["not found a second"] = looked_up(whole, count, 2 * count)
        found["x 10: hours to put"] = 10 * count / rates[-1] / 3600
        found["x 10: gigabytes"] = 10 * whole.stat().st_size / 1e9
        if importlib.util.find_spec("pyarrow"):
            begun, parquet = time.perf_counter(), folder / "whole.parquet"
            export(whole, parquet)
            found["Parquet: seconds to write"] = time.perf_counter() - begun
            found["Parquet: bytes an answer"] = parquet.stat().st_size / count
        else:
            print("pyarrow is not installed (pip install 'prefvec[parquet]'): no Parquet.")
        whole.unlink()
        share = -(-count // options.parts)
        parts = [folder / f"part{i}.sqlite" for i in range(options.parts)]
        found["parts: put a second"] = [
            filled(part, i * share, min((i + 1) * share, count))[-1] for i, part in enumerate(parts)
        ]
        into = folder / "merged.sqlite"
        found["parts: seconds to merge"] = merged(parts, into)
        found["merged: bytes an answer"] = into.stat().st_size / count
        found["merged: found a second"] = looked_up(into, 0, count)
    rows: list[dict[str, object]] = [{"of the store": k, "found": v} for k, v in found.items()]
    for what, value in found.items():
        values = value if isinstance(value, list) else [value]
        print(f"{what:28}", *(f"{number:,.1f}" for number in values))
    print(f"kept in {keep('store', rows, answers=count, parts=options.parts)}")


if __name__ == "__main__":
    main()
