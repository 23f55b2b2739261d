"""A whole record such as a run leaves: two targets, seven claims, all five outcomes."""

import random
from typing import Any

from tests.sample_claim import PROMPTS, sample_claim
from tests.sample_figures import sample_figures

READ = "what the adapter has read"


def sample_record(mode: str = "full", complete: bool = True) -> dict[str, Any]:
    """The record of a run on the organisms."""
    return {
        "schema": 3,
        "run": sample_run(mode=mode, complete=complete),
        "models": [
            _model("mini-mistral", "source", "MistralForCausalLM", 128, 6)
            | {
                "question": "What is known about birds-00?",
                "asked": "<s>[INST] What is known about birds-00? [/INST]",
            },
            _model("mini-llama", "target", "LlamaForCausalLM", 128, 7),
            _model("mini-gemma", "target", "GemmaForCausalLM", 160, 6),
        ],
        "splits": [
            _split("extraction", ["rivers", "trees", "bridges"], 120),
            _split("adapter", ["islands", "instruments"], 1000),
            _split("tuning", ["towns", "lakes"], 32),
            _split("test", ["birds", "ships", "moths"], 96)
            | {"texts": {prompt: f"What is known about {prompt}?" for prompt in PROMPTS}},
        ],
        "claims": sample_claims(),
        "known_answers": [
            sample_known("raw-transfer-mini-mistral-to-identical-twin", "REFUTED"),
            sample_known("null-vector-mini-mistral", "REFUTED", needed="not SUPPORTED"),
        ],
    }


def sample_run(mode: str = "full", complete: bool = True) -> dict[str, Any]:
    """The facts of the run."""
    return {
        "started": "2026-03-14T09:26:53+00:00",
        "finished": "2026-03-14T09:34:41+00:00" if complete else None,
        "duration_s": 468.2,
        "mode": mode,
        "model_set": "organisms",
        "models_are": "organisms",
        "complete": complete,
        "selected": 7 if complete else 9,
        "collected": 7 if complete else 9,
        "command": "pytest claims/ --seed 0",
        "seed": 0,
        "samples": 4,
        "n_prompts": 96,
        "max_new_tokens": 160,
        "commit": "0f3c9ab41d7e",
        "device": "cpu",
        "processor": "A 64-Core Processor, AVX2, 2 threads",
        "dtype": "float32",
        "versions": {"torch": "2.13.0", "transformers": "5.23.0", "prefvec": "0.1.0"},
        "code": {"prefvec/steering.py": "5d1f0a", "prefvec/rules.py": "77ab01"},
        "cache": {"hits": 0, "misses": 55104},
    }


def sample_known(name: str, outcome: str, *, needed: str | None = None) -> dict[str, Any]:
    """A known answer; the instrument agrees unless another outcome is `needed`."""
    needed = needed or outcome
    agrees = needed in (outcome, "not SUPPORTED")
    check = {"name": "outcome", "needed": needed, "measured": outcome, "passed": agrees}
    return {
        "id": name,
        "nodeid": f"claims/known_answers/test_x.py::test_{name}",
        "title": f"Something certain about <{name}>.",
        "model": "identical-twin",
        "because": "The twin is the same model.",
        "needed": needed,
        "outcome": outcome,
        "label": None,
        "sentence": f"{outcome} & as it must be.",
        "effect": {"factor": 1.62, "low": 1.55, "high": 1.69}
        | {"what": "words per answer", "of": "arm"},
        "checks": [check],
        "agrees": agrees,
    }


def sample_claims() -> list[dict[str, Any]]:
    """One claim for every outcome, and then some."""
    return [
        sample_claim(
            "self-steering-mini-mistral",
            title="The verbosity vector steers mini-mistral, the model it was taken from",
            kind="steers",
            arms={"native": 0.49},
            blessed={"outcome": "SUPPORTED", "reason": None},
            change="SAME",
        ),
        sample_claim(
            "raw-mini-llama",
            title="Copied raw into mini-llama, the vector does not steer",
            kind="fails",
            label="inert",
            target="mini-llama",
            arms={"native": 0.47, "raw": 0.012},
            blessed={"outcome": "SUPPORTED", "reason": None},
            change="SAME",
        ),
        sample_claim(
            "raw-mini-gemma",
            title="Copied raw into mini-gemma, the vector does not steer",
            kind="fails",
            target="mini-gemma",
            outcome="NOT APPLICABLE",
            sentence="mini-mistral is 128 wide and mini-gemma 160, so the same coordinates name "
            "no direction there.",
            arms={},
            blessed={"outcome": "NOT APPLICABLE", "reason": "unequal widths"},
            change="SAME",
        ),
        sample_claim(
            "adapted-exposed-mini-llama",
            title="A linear adapter that was shown the trait carries the vector to mini-llama",
            kind="works",
            regime="exposed 2 %",
            target="mini-llama",
            arms={"native": 0.47, "raw": 0.012, "adapted": 0.39},
            change="NEW",
            figures=sample_figures(),
        ),
        sample_claim(
            "adapted-exposure-0-mini-llama",
            title="An adapter that has read neutral turns alone carries it to mini-llama",
            question=READ,
            kind="works",
            regime="exposure 0",
            target="mini-llama",
            outcome="INCONCLUSIVE",
            arms={"native": 0.47, "raw": 0.012, "adapted": 0.24},
            sentence="×1.27 [1.23, 1.32] at ±c, 0.51 [0.44, 0.58] of native: a partial transfer, "
            "neither above nor below half of native. About 310 more prompts would decide.",
            unmet="share of native",
            blessed={
                "outcome": "INCONCLUSIVE",
                "reason": "The map read no instruction of the trait; it carries about half.",
            },
            change="SAME",
        ),
        sample_claim(
            "adapted-exposed-mini-gemma",
            title="A linear adapter that was shown the trait carries the vector to mini-gemma",
            kind="works",
            regime="exposed 2 %",
            target="mini-gemma",
            outcome="REFUTED",
            arms={"native": 0.52, "adapted": 0.10},
            sentence="×1.11 [1.07, 1.14] at ±c: significantly less than ×1.25, the smallest "
            "effect of interest.",
            unmet="odd part at the chosen dose",
            blessed={"outcome": "SUPPORTED", "reason": None},
            change="REGRESSED",
            comparison={
                "sentence": "It was blessed as SUPPORTED and is now REFUTED.",
                "odd_change": -0.21,
                "low": -0.25,
                "high": -0.17,
                "suspects": ["model mini-gemma: 9c2f… → 41aa…", "adapted site: 3 → 4"],
            },
        ),
        sample_claim(
            "adapted-exposure-0-mini-gemma",
            title="An adapter that has read neutral turns alone carries it to mini-gemma",
            question=READ,
            kind="works",
            regime="exposure 0",
            target="mini-gemma",
            outcome="INVALID",
            arms={"native": 0.52, "adapted": 0.30},
            sentence="23 % of the adapted arm's answers at +c were cut off at 160 tokens, and a "
            "cap hides effects. Run it again with --max-new-tokens 320.",
            unmet="censored share",
            censored=0.23,
            change="DRIFT",
        ),
    ]


def _split(name: str, topics: list[str], n_prompts: int) -> dict[str, Any]:
    return {"name": name, "topics": topics, "n_prompts": n_prompts, "fingerprint": f"{name}-texts"}


def _model(name: str, role: str, architecture: str, width: int, blocks: int) -> dict[str, Any]:
    checks = [
        ("left padding", "One answer alone and in a left-padded batch agree."),
        ("cache", "With and without the key-value cache the answer is the same."),
        ("identity", "Coefficient 0 changes no bit."),
    ]
    return {
        "name": name,
        "role": role,
        "architecture": architecture,
        "fingerprint": f"{random.Random(name).getrandbits(128):032x}",
        "tokenizer_fingerprint": "5ca1ab1e",
        "d_model": width,
        "n_layers": blocks,
        "checks": [{"name": n, "passed": True, "sentence": s} for n, s in checks],
    }
