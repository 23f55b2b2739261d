"""How long a sweep over doses takes, against others' way and against plain `generate` once a dose.

    python -m benchmarks.sweep [--prompts 96] [--samples 4] [--repeats 1] [--threads 2]
        [--dtype bfloat16] [--model smollm2-135m-instruct] [--only NAME ...]

Seven doses of one vector, half of the residual's norm at most, at the middle block; answers of
natural length, 160 tokens at most. The reference is what a script would do: a forward hook, and
`model.generate` in batches of 32, dose by dose; it and the library's own way are timed in turns in
one process. Mean tokens at the smallest, the middle and the largest dose are printed to show that
the same was done. Ours writes more than it reads: it follows each answer until it has ended with a
probability of 99 %, and tells the expected length of what it followed, whose standard error is
smaller by a factor of 1.7 to 3.2 (docs/protocol.md) than that of sampled lengths.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch

import prefvec as pv
from benchmarks.extraction import LIBRARIES as EXTRACTING
from benchmarks.extraction import texts_of
from benchmarks.machine import described, in_words
from benchmarks.peers import Peer, asked, is_asked_for
from benchmarks.results import keep
from benchmarks.timed import ratios
from prefvec.models.language_model import LanguageModel
from prefvec.vectors.activations import at_last_prompt_token

DOSES = (-0.5, -0.3, -0.1, 0.0, 0.1, 0.3, 0.5)
MAX_NEW_TOKENS = 160
WAYS = {
    "transformers, once a dose": "sweep_plain",
    "prefvec": "sweep_ours",
    "steering-vectors": "sweep_steering_vectors",
    "repeng": "sweep_repeng",
    "nnsight": "sweep_nnsight",
    "TransformerLens": "sweep_transformer_lens",
}


def libraries() -> list[Peer]:
    """Each in the environment that it extracts in."""
    pinned = {peer.name: peer for peer in EXTRACTING}
    return [
        Peer(
            name=name,
            way=f"benchmarks.ways.{way}",
            pins=pinned[name].pins if name in pinned else (),
            regardless=pinned[name].regardless if name in pinned else (),
        )
        for name, way in WAYS.items()
    ]


def job(model: LanguageModel, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What every library is asked for: doses of the vector that the suite would extract."""
    wanted = texts_of(model, folder, pairs=options.prompts)
    site = pv.Site(wanted["layer"], "resid_post")
    prompts = [pv.Prompt(**prompt) for prompt in wanted["prompts"]]
    rows = at_last_prompt_token(model, prompts, [site])[site]
    half = len(prompts) // 2
    difference = rows.values[:half].mean(dim=0) - rows.values[half:].mean(dim=0)
    vector = rows.mean_norm * difference / difference.norm()
    asked_plainly = [prompt.instructed("") for prompt in prompts[:half]]
    return {
        "model": str(folder),
        "vector": vector.tolist(),
        "layer": wanted["layer"],
        "coefficients": list(DOSES),
        "texts": [model.dialect.render(prompt) for prompt in asked_plainly],
        "prompts": [{"id": p.id, "text": p.text, "topic": p.topic} for p in asked_plainly],
        "samples": options.samples,
        "end_ids": list(model.end_ids),
        "max_new_tokens": MAX_NEW_TOKENS,
        "dtype": options.dtype,
        "repeats": options.repeats,
        "warm": False,
        "threads": options.threads,
    }


def swept(chosen: Iterable[Peer], wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What each library took, printed as it is found."""
    for peer in chosen:
        told = asked(peer, wanted)
        row = {"library": peer.name} | ratios(told)
        if "error" not in told:
            row |= {"mean tokens by dose": told["found"], "with": told["with"]}
        print(printed(row), flush=True)
        yield row


def printed(found: dict[str, Any]) -> str:
    """One line of the table."""
    if "error" in found:
        return f"{found['library']:<28}failed: {found['error']}"
    tokens = ", ".join(f"{found['mean tokens by dose'][i]:.0f}" for i in (0, len(DOSES) // 2, -1))
    spread = f"[{found['least']:.2f}, {found['largest']:.2f}]"
    return (
        f"{found['library']:<28}{found['seconds']:>9.1f}{found['ratio']:>8.2f} {spread:<15}"
        f"{tokens:>14}  {found['with']}"
    )


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--only", nargs="*", help="names of libraries, or how they begin")
    options = parser.parse_args()
    model = pv.load(options.model, device="cpu", dtype=options.dtype)
    print(in_words(described()))
    answers = len(DOSES) * options.prompts * options.samples
    print(f"{model.name}, {answers:,} answers, {options.dtype}, {options.threads} threads")
    print(f"{'':<28}{'seconds':>9}{'ratio':>8} {'[least, most]':<15}{'tokens':>14}")
    facts = {"model": model.name, "answers": answers, "repeats": options.repeats}
    with tempfile.TemporaryDirectory() as name:
        wanted = job(model, Path(name), options)
        del model
        chosen = [peer for peer in libraries() if is_asked_for(peer, options.only)]
        facts |= {"dtype": options.dtype, "threads": options.threads}
        kept = keep("sweep", swept(chosen, wanted), **facts)
    print(f"kept in {kept}")


if __name__ == "__main__":
    main()
