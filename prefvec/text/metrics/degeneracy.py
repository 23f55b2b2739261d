"""Loops: how much of a text stood in it before."""

import zlib

from prefvec.text.metrics.counts import words_of


def repeated_4gram_share(text: str) -> float:
    """Share of a text's 4-word sequences that stood in it before, case ignored.

    0 for a text of fewer than four words; near 1 for a loop.
    """
    spoken = [word.casefold() for word in words_of(text)]
    total = len(spoken) - 3
    if total < 1:
        return 0.0
    distinct = len(set(zip(spoken, spoken[1:], spoken[2:], spoken[3:], strict=False)))
    return 1 - distinct / total


def compression_ratio(text: str) -> float:
    """Bytes of the text in UTF-8 over bytes after zlib; high for loops, 0 for an empty text.

    The measure by which Whisper's decoder rejects loops (Radford et al. 2022). It grows with
    length, so compare texts of one length only.
    """
    raw = text.encode("utf-8", errors="surrogatepass")
    return len(raw) / len(zlib.compress(raw, 6))
