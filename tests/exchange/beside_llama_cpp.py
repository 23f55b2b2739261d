"""One model, vector, prompt and dose in transformers and in llama.cpp, which adds at every token.

    python -m tests.exchange.beside_llama_cpp

prints the figures of SmolLM2-135M-Instruct's own GGUF file that docs/exchange.md tells. What is
asked of them was fixed before any was computed: see `Agreement.holds` and `Lengths.equivalent`.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

import prefvec as pv
from prefvec.exchange.llama_cpp_engine import LlamaCpp, opened
from prefvec.models.language_model import LanguageModel
from prefvec.models.registry import aliases
from prefvec.report.directions import numbers
from prefvec.shipped import SHIPPED
from prefvec.statistics.estimates import ratio_of_means
from prefvec.statistics.inequalities import Inequality
from prefvec.text.metrics.counts import word_starts
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site, Space, add_by_hand
from prefvec.vectors.vector import PreferenceVector, unit

ROOT = Path(__file__).parents[2]
SMOL = "smollm2-135m-instruct"
QUARTER = 0.25
LEAST_SHARE = 0.8
"""Of the odd part in the full-precision model, what a quantised one must at least do."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the next-token logits of two engines are apart, by root mean square over prompts.

    Logits are centred, for a constant says nothing.

    Attributes:
        block: to whose output the vector is added.
        unsteered: the distance without a vector, which is the engines' own.
        steered: the distance with it.
        moved: how far the vector moves the logits in transformers.
        others: the distance where llama.cpp adds it to another block's output, by the block.
    """

    block: int
    unsteered: float
    steered: float
    moved: float
    others: dict[int, float]

    @property
    def holds(self) -> bool:
        """At most half as far apart again as unsteered, and at any other block twice as far."""
        near = 1.5 * self.unsteered
        return self.steered <= near and all(far > 2 * self.steered for far in self.others.values())


def planted(
    model: LanguageModel, block: int, delta: torch.Tensor, residual_norm: float = 1.0
) -> PreferenceVector:
    """A vector of no meaning but its place."""
    return PreferenceVector(
        direction=unit(delta),
        norm=float(delta.norm()),
        residual_norm=residual_norm,
        space=Space.of(model, Site(block, "resid_post")),
        trait="verbosity",
        estimator="planted",
        positions="none",
        n_pairs=1,
        prompt_set="none",
        read_from=frozenset(),
        stability=None,
    )


def random_delta(
    model: LanguageModel, ids: Sequence[int], block: int, relative: float
) -> torch.Tensor:
    """A random direction of a share of the median residual norm at a block's output."""
    with torch.no_grad():
        states = model.network(torch.tensor([[*ids]]), output_hidden_states=True).hidden_states
    # The last entry is read behind the final norm; the block before it tells the size.
    norm = float(states[min(block + 1, model.n_layers - 1)][0].norm(dim=-1).median())
    generator = torch.Generator().manual_seed(block)
    return relative * norm * unit(torch.randn(model.d_model, generator=generator))


def agreements(
    model: LanguageModel,
    engine: LlamaCpp,
    rows: Sequence[Sequence[int]],
    blocks: Sequence[int],
    *,
    relative: float = 0.5,
    elsewhere: Callable[[int], Sequence[int]] = lambda block: (),
) -> list[Agreement]:
    """Agreement at each block.

    Args:
        model: in float32.
        engine: that model.
        rows: prompts, as tokens.
        blocks: to whose output a random vector is added, one after the other.
        relative: its norm, as a share of the residual's.
        elsewhere: to whose output llama.cpp is to add it as well, by the right block.
    """
    plain = [_native(model, ids) for ids in rows]
    unsteered = _distance(plain, [_centred(engine.logits(ids)) for ids in rows])
    found = []
    for block in blocks:
        delta = random_delta(model, rows[0], block, relative)
        with add_by_hand(model, Site(block, "resid_post"), delta):
            steered = [_native(model, ids) for ids in rows]

        def beside(at: int, delta=delta, steered=steered) -> float:
            """The distance where llama.cpp adds it to the output of a block."""
            with TemporaryDirectory() as folder:
                path = Path(folder) / "c.gguf"
                pv.export(planted(model, at, delta), path, format="gguf", model=model)
                with engine.controlled(path, blocks=(at, at)):
                    there = [_centred(engine.logits(ids)) for ids in rows]
            return _distance(steered, there)

        found.append(
            Agreement(
                block=block,
                unsteered=unsteered,
                steered=beside(block),
                moved=_distance(plain, steered),
                others={other: beside(other) for other in elsewhere(block)},
            )
        )
    return found


def neighbours(n_layers: int) -> Callable[[int], list[int]]:
    """The blocks before and after, where llama.cpp can add anything."""
    return lambda block: [n for n in (block - 1, block + 1) if 1 <= n < n_layers]


@dataclass(frozen=True, kw_only=True, eq=False)
class Lengths:
    """Log expected words at +c less those at −c, halved, prompt by prompt, in two engines.

    Attributes:
        native: odd parts in transformers, shape (prompts,).
        there: in llama.cpp, of the same prompts under the same noise.
        words: mean expected words at −c and at +c, in transformers and in llama.cpp.
    """

    native: np.ndarray
    there: np.ndarray
    words: dict[str, tuple[float, float]]

    def equivalent(self, margin: float = QUARTER) -> tuple[Inequality, Inequality]:
        """That the odd part there lies within a share of native, by two one-sided tests."""
        low, high = ((1 - margin) * self.native, (1 + margin) * self.native)
        return (
            Inequality.above(f"more than {1 - margin:.0%} of native", self.there - low),
            Inequality.above(f"less than {1 + margin:.0%} of native", high - self.there),
        )

    def at_least(self, share: float = LEAST_SHARE) -> Inequality:
        """That the odd part there is above a share of native."""
        return Inequality.above(f"above {share:.0%} of native", self.there - share * self.native)

    def told(self) -> dict[str, object]:
        """The figures."""
        ratio = ratio_of_means(self.there, self.native)
        return {
            "prompts": len(self.native),
            "odd in transformers": float(self.native.mean()),
            "odd in llama.cpp": float(self.there.mean()),
            "share": [ratio.ratio, ratio.low, ratio.high],
            "words": self.words,
            "p within a quarter": max(each.pvalue for each in self.equivalent()),
            "p above 0.8": self.at_least().pvalue,
        }


def lengths(
    model: LanguageModel,
    engine: LlamaCpp,
    prompts: Sequence[Prompt],
    vector: PreferenceVector,
    *,
    cap: int,
) -> Lengths:
    """Answers at ±c in both engines, under common noise, to each prompt once."""
    odd: dict[str, np.ndarray] = {}
    words: dict[str, tuple[float, float]] = {}
    delta = vector.norm * vector.direction
    with TemporaryDirectory() as folder:
        path = Path(folder) / "c.gguf"
        pv.export(vector, path, format="gguf", model=model)
        for name in ("transformers", "llama.cpp"):
            counted = []
            for sign in (-1, 1):
                if name == "transformers":
                    with add_by_hand(model, vector.site, sign * delta):
                        counted.append(expected_words(model, prompts, cap, None))
                else:
                    blocks = (vector.site.layer, vector.site.layer)
                    with engine.controlled(path, scale=sign, blocks=blocks):
                        counted.append(expected_words(model, prompts, cap, engine))
            down, up = (np.array(each) for each in counted)
            odd[name] = (np.log1p(up) - np.log1p(down)) / 2
            words[name] = (float(down.mean()), float(up.mean()))
    return Lengths(native=odd["transformers"], there=odd["llama.cpp"], words=words)


def expected_words(
    model: LanguageModel, prompts: Sequence[Prompt], cap: int, engine: LlamaCpp | None
) -> list[float]:
    """Expected words of an answer to each prompt within `cap` tokens (docs/protocol.md)."""
    rows = [model.encode(prompt) for prompt in prompts]
    noise = [np.random.default_rng(zlib.crc32(prompt.id.encode())) for prompt in prompts]
    if engine is None:
        paths = _followed(model, *_batched(model, rows), noise, cap)
    else:
        paths = []
        for ids, own in zip(rows, noise, strict=True):

            def on(tokens: list[int]) -> np.ndarray:
                return engine.next_logits(tokens)[None]

            paths += _followed(model, engine.logits(ids)[None], on, [own], cap)
    return [_words(model, ids, survival) for ids, survival in paths]


def texts_of(model: LanguageModel, prompts: Sequence[Prompt], cap: int) -> list[str]:
    """What transformers writes, each cut where it would more likely have ended."""
    noise = [np.random.default_rng(zlib.crc32(prompt.id.encode())) for prompt in prompts]
    paths = _followed(model, *_batched(model, [model.encode(p) for p in prompts]), noise, cap)
    kept = [
        [i for i, alive in zip(ids, survival, strict=True) if alive > 0.5] or ids[:1]
        for ids, survival in paths
    ]
    return [model.tokenizer.decode(ids).strip() for ids in kept]


def _followed(
    model: LanguageModel,
    logits: np.ndarray,
    step: Callable[[list[int]], np.ndarray],
    noise: Sequence[np.random.Generator],
    cap: int,
) -> list[tuple[list[int], list[float]]]:
    """Paths without end tokens, each with the chance of not having ended by every token of it."""
    ends = list(model.dialect.end_ids)
    paths: list[tuple[list[int], list[float]]] = [([], []) for _ in noise]
    alive = np.ones(len(noise))
    for _ in range(cap):
        logits = logits.astype(np.float64)
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        alive = alive * (1 - chances[:, ends].sum(axis=1) / chances.sum(axis=1))
        logits[:, ends] = -np.inf
        drawn = np.stack([own.gumbel(size=logits.shape[1]) for own in noise])
        tokens = [int(i) for i in (logits + drawn).argmax(axis=1)]
        for (ids, survival), token, chance in zip(paths, tokens, alive, strict=True):
            ids.append(token)
            survival.append(float(chance))
        if alive.max() < 0.01:
            break
        logits = step(tokens)
    return paths


def _batched(
    model: LanguageModel, rows: Sequence[Sequence[int]]
) -> tuple[np.ndarray, Callable[[list[int]], np.ndarray]]:
    """The first logits of rows of unlike length in transformers, and how they go on."""
    longest = max(map(len, rows))
    padded = torch.tensor([[0] * (longest - len(ids)) + [*ids] for ids in rows])
    mask = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in rows])
    state = {"cache": None, "mask": mask}

    def run(ids: torch.Tensor) -> np.ndarray:
        positions = (state["mask"].cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        with torch.no_grad():
            said = model.network(
                ids,
                attention_mask=state["mask"],
                position_ids=positions,
                past_key_values=state["cache"],
                use_cache=True,
                logits_to_keep=1,
            )
        state["cache"] = said.past_key_values
        return said.logits[:, -1].float().numpy()

    def step(tokens: list[int]) -> np.ndarray:
        state["mask"] = torch.cat([state["mask"], torch.ones(len(rows), 1, dtype=torch.long)], 1)
        return run(torch.tensor(tokens)[:, None])

    return run(padded), step


def _words(model: LanguageModel, ids: Sequence[int], survival: Sequence[float]) -> float:
    """Each word counts with the chance that the answer has not ended by its first letter."""
    text = model.tokenizer.decode(ids)
    ends = np.array([len(model.tokenizer.decode(ids[: i + 1])) for i in range(len(ids))])
    begun = [int(np.searchsorted(ends, start, side="right")) for start in word_starts(text)]
    return sum(survival[min(i, len(survival) - 1)] for i in begun)


def _native(model: LanguageModel, ids: Sequence[int]) -> np.ndarray:
    with torch.no_grad():
        logits = model.network(torch.tensor([[*ids]]), logits_to_keep=1).logits
    return _centred(logits[0, -1].float().numpy())


def _centred(logits: np.ndarray) -> np.ndarray:
    return logits.astype(np.float64) - logits.mean(dtype=np.float64)


def _distance(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> float:
    return float(np.sqrt(np.mean([(a - b) ** 2 for a, b in zip(one, other, strict=True)])))


def blessed(
    model: LanguageModel, file: str, claim: str, prompts: Sequence[Prompt], *, cap: int
) -> PreferenceVector:
    """The vector of a blessed finding, at the relative norm at which it was judged.

    Args:
        model: its own.
        file: of `reports/findings`.
        claim: the finding.
        prompts: the unit of norms is the mean norm over the tokens of the answers to these.
        cap: the longest of them, in tokens.
    """
    kept = json.loads((ROOT / "reports" / "findings" / file).read_text(encoding="utf-8"))
    arm = kept["findings"][claim]["arms"]["native"]
    site = Site(int(arm["site"].removeprefix("resid_post of block ")), "resid_post")
    turns = [*zip(prompts, texts_of(model, prompts, cap), strict=True)]
    norm = over_answers(model, turns, [site])[site].mean_norm
    direction = unit(torch.tensor(numbers(arm["vector"]["direction"])).float())
    return planted(model, site.layer, arm["relative_norm"] * norm * direction, norm)


def smol_prompts() -> list[Prompt]:
    """Twelve short questions, evenly taken out of all."""
    lines = (SHIPPED / "short_questions.jsonl").read_text(encoding="utf-8").splitlines()
    every = [Prompt(**json.loads(line)) for line in lines]
    return every[:: len(every) // 12][:12]


def smol_agreements_at_five_blocks(model: LanguageModel, engine: LlamaCpp) -> list[Agreement]:
    """At the first two blocks, the middle one and the last two, over two prompts."""
    rows = [model.encode(prompt) for prompt in smol_prompts()[:2]]
    blocks = (1, 2, model.n_layers // 2, model.n_layers - 2, model.n_layers - 1)
    return agreements(model, engine, rows, blocks, elsewhere=neighbours(model.n_layers))


def smol_agreements(model: LanguageModel, engine: LlamaCpp) -> list[Agreement]:
    """At every block that llama.cpp can address, over six prompts, neighbours beside it."""
    rows = [model.encode(prompt) for prompt in smol_prompts()[::2]]
    blocks = range(1, model.n_layers)
    return agreements(model, engine, rows, blocks, elsewhere=neighbours(model.n_layers))


def smol_vector(model: LanguageModel) -> PreferenceVector:
    """Its own verbosity vector, of the finding that it steers."""
    file = "smollm2-135m-instruct--gemma-3-270m--from-2.json"
    return blessed(model, file, "self-steering-smollm2-135m-instruct", smol_prompts()[:4], cap=48)


def smol_file() -> Path:
    """SmolLM2's own GGUF file, out of its package.

    Raises:
        PrefvecError: with the command that brings it, where it is not installed.
    """
    packaged = aliases()[SMOL].packaged
    assert packaged is not None
    (path,) = packaged.parts()
    return path


def main() -> None:
    """Compute the figures of SmolLM2 and print them, the logits' first."""
    torch.set_num_threads(1)
    model = pv.load(SMOL, device="cpu", dtype="float32")
    prompts = smol_prompts()
    with opened(smol_file(), n_ctx=512) as engine:
        for found in (smol_agreements_at_five_blocks, smol_agreements):
            for each in found(model, engine):
                print(found.__name__, each, each.holds, flush=True)
        told = lengths(model, engine, prompts, smol_vector(model), cap=64).told()
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
