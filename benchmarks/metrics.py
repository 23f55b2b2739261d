"""How the time of each metric grows with the length of a text.

    python -m benchmarks.metrics [--longest 1000000]

For several kinds of text it prints the processor time for the longest one over that for a tenth
of it: 10 is linear, 100 quadratic.
"""

import argparse
import time
from collections.abc import Callable

from prefvec.organisms.reading import read
from prefvec.text import metrics

TEXTS = {
    "one word again": "word ",
    "different words": None,
    "one endless word": "x",
    "Han": "猫",
    "full stops": ".",
    "spaces": " ",
    "organism's sentences": "Zernos exhibits a hue of amber! - Perhaps I hear Zernos looks teal. ",
}


def measures() -> dict[str, Callable[[str], object]]:
    """Every metric of a text."""
    by_name: dict[str, Callable[[str], object]] = {
        "words": metrics.words,
        "sentences": metrics.sentences,
        "mtld": metrics.mtld,
        "4-grams": metrics.repeated_4gram_share,
        "zlib": metrics.compression_ratio,
        "formality": metrics.formality,
        "world": lambda text: read(text, "Zernos"),
    }
    return by_name


def text_of(kind: str, length: int) -> str:
    """So many characters of one kind."""
    unit = TEXTS[kind]
    if unit is None:
        return " ".join(f"w{i}" for i in range(length // 6))[:length]
    return (unit * (length // len(unit) + 1))[:length]


def seconds(measure: Callable[[str], object], kind: str, length: int) -> float:
    """Processor time, the least of three runs, each on a text that was not seen before."""
    best = float("inf")
    for run in range(3):
        text = text_of(kind, length) + f" {run} {length}"
        start = time.process_time()
        measure(text)
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--longest", type=int, default=1_000_000, help="characters")
    longest = parser.parse_args().longest
    names = measures()
    print(f"time for {longest:,} characters / time for {longest // 10:,} (ms for the longer)")
    print(" " * 21 + "".join(f"{name:>15}" for name in names))
    for kind in TEXTS:
        cells: list[str] = []
        for measure in names.values():
            long, short = (seconds(measure, kind, n) for n in (longest, longest // 10))
            cells.append(f"{long / short:.1f} ({1000 * long:.1f})")
        print(f"{kind:<21}" + "".join(f"{cell:>15}" for cell in cells))


if __name__ == "__main__":
    main()
