"""How fast a vector is extracted, against what others do for the same one.

    python -m benchmarks.extraction [--pairs 96] [--repeats 5] [--threads 2] [--dtype float32]
        [--model smollm2-135m-instruct | --random-1b] [--only NAME ...]

The texts are those that the suite extracts verbosity from: each question under the instruction
of either pole. Every library reads the last token of each, at the middle block, from the same
weights. Printed is its time over that of a plain forward pass of the same texts in batches of 32,
both measured in turns in one process: the median of the ratios, and the least and the largest. A
library whose vector has a cosine below 0.99 to the plain difference in means has found another one,
and no time; repeng takes a first principal component, whose sign means nothing.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

import prefvec as pv
from benchmarks.machine import described, in_words
from benchmarks.peers import Peer, asked, is_asked_for
from benchmarks.random_weights import LLAMA_1B, random_network
from benchmarks.results import keep
from benchmarks.timed import ratios
from prefvec.models.language_model import LanguageModel, assemble
from prefvec.shipped import SHIPPED

_NNSIGHT, _LENS = ("nnsight==0.8.1",), ("transformer-lens==4.3.0",)
_STEERING_VECTORS, _SKLEARN = ("steering-vectors==0.12.2",), ("scikit-learn==1.7.2",)
"""It asks for transformers 4, and runs under 5."""

LIBRARIES = (
    Peer(name="transformers, as a script would", way="benchmarks.ways.plain"),
    Peer(name="prefvec, one block", way="benchmarks.ways.ours"),
    Peer(name="prefvec, all blocks", way="benchmarks.ways.ours", settings={"every_block": True}),
    Peer(
        name="steering-vectors",
        way="benchmarks.ways.steering_vectors",
        pins=_SKLEARN,
        regardless=_STEERING_VECTORS,
    ),
    Peer(
        name="steering-vectors, batches of 32",
        way="benchmarks.ways.steering_vectors",
        pins=_SKLEARN,
        regardless=_STEERING_VECTORS,
        settings={"batch_size": 32},
    ),
    Peer(
        name="steering-vectors, all blocks",
        way="benchmarks.ways.steering_vectors",
        pins=_SKLEARN,
        regardless=_STEERING_VECTORS,
        settings={"batch_size": 32, "every_block": True},
    ),
    Peer(name="nnsight", way="benchmarks.ways.nnsight", pins=_NNSIGHT),
    Peer(
        name="nnsight, all blocks",
        way="benchmarks.ways.nnsight",
        pins=_NNSIGHT,
        settings={"every_block": True},
    ),
    Peer(name="TransformerLens", way="benchmarks.ways.transformer_lens", pins=_LENS),
    Peer(
        name="TransformerLens, all blocks",
        way="benchmarks.ways.transformer_lens",
        pins=_LENS,
        settings={"every_block": True},
    ),
    Peer(
        name="repeng",
        way="benchmarks.ways.repeng",
        pins=("scikit-learn==1.7.2", "numpy==1.26.4"),
        regardless=("repeng==0.4.0",),
    ),
    Peer(
        name="repeng, numpy 2",
        way="benchmarks.ways.repeng",
        pins=_SKLEARN,
        regardless=("repeng==0.4.0",),
    ),
)


def texts_of(model: LanguageModel, folder: Path, *, pairs: int) -> dict[str, Any]:
    """Weights and texts laid where every library can read them.

    Args:
        model: the weights, written to the folder.
        folder: an empty one.
        pairs: questions, each under the instruction of either pole of verbosity.
    """
    model.network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)
    trait = pv.load_trait(SHIPPED / "traits" / "verbosity.toml")
    questions = pv.load_prompts(SHIPPED / "short_questions.jsonl")[:pairs]
    poles = (trait.positive.extraction[0], trait.negative.extraction[0])
    positive, negative = [[each.instructed(words) for each in questions] for words in poles]
    return {
        "model": str(folder),
        "positive": [model.dialect.render(prompt) for prompt in positive],
        "negative": [model.dialect.render(prompt) for prompt in negative],
        "prompts": [
            {"id": p.id, "text": p.text, "topic": p.topic, "instruction": p.instruction}
            for p in (*positive, *negative)
        ],
        "layer": model.n_layers // 2,
        "every_block": False,
    }


SAME = 0.99
"""Cosine of two libraries' vectors, of either sign, below which they are not the same vector."""


def row(name: str, told: dict[str, Any], right: list[float]) -> dict[str, Any]:
    """What one library came to: a time only for the vector that is to be found."""
    if "error" in told:
        return {"library": name, "error": told["error"]}
    found, wanted = torch.tensor(told["found"]), torch.tensor(right)
    cosine = float(torch.nn.functional.cosine_similarity(found, wanted, dim=0))
    if abs(cosine) < SAME:
        return {
            "library": name,
            "error": f"another vector: its cosine to the first is {cosine:.3f}",
        }
    return {"library": name, **ratios(told), "cosine": cosine, "with": told["with"]}


def read_by(chosen: Iterable[Peer], wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What each library took, beside the first one's vector, printed as it is found."""
    right: list[float] = []
    for peer in chosen:
        told = asked(peer, wanted)
        right = right or told.get("found", [])
        found = row(peer.name, told, right)
        print(printed(found), flush=True)
        yield found


def printed(found: dict[str, Any]) -> str:
    """One line of the table."""
    if "error" in found:
        return f"{found['library']:<34}failed: {found['error']}"
    spread = f"[{found['least']:.2f}, {found['largest']:.2f}]"
    return (
        f"{found['library']:<34}{found['seconds']:>9.2f}{found['ratio']:>8.2f} {spread:<15}"
        f"{found['cosine']:>8.4f}  {found['with']}"
    )


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--random-1b", action="store_true", help="random weights of that shape")
    parser.add_argument("--only", nargs="*", help="names of libraries, or how they begin")
    options = parser.parse_args()
    model = pv.load(options.model, device="cpu", dtype=options.dtype)
    shape = "random-1b" if options.random_1b else model.name
    if options.random_1b:
        ends = {"bos_token_id": model.tokenizer.bos_token_id, "eos_token_id": model.end_ids[0]}
        network = random_network(
            LLAMA_1B, device="cpu", dtype=torch.bfloat16, vocab_size=len(model.tokenizer), **ends
        )
        model = assemble(shape, network, model.tokenizer)
    print(in_words(described()))
    print(f"{shape}, {options.pairs} pairs, {options.dtype}, {options.threads} threads")
    print(f"{'':<34}{'seconds':>9}{'ratio':>8} {'[least, most]':<15}{'cosine':>8}")
    facts = {"model": shape, "pairs": options.pairs, "repeats": options.repeats}
    with tempfile.TemporaryDirectory() as name:
        wanted = texts_of(model, Path(name), pairs=options.pairs)
        wanted |= {"dtype": options.dtype, "repeats": options.repeats, "threads": options.threads}
        del model
        chosen = [peer for peer in LIBRARIES if is_asked_for(peer, options.only)]
        rows = read_by(chosen, wanted)
        facts |= {"dtype": options.dtype, "threads": options.threads}
        kept = keep(f"extraction-{shape}", rows, **facts)
    print(f"kept in {kept}")


if __name__ == "__main__":
    main()
