"""One claim of a sample record, with all that stands below it.

The numbers are drawn from a seeded generator around the effects planned in the protocol, and the
answers are hostile: none of them may ever become markup.
"""

import math
import random
from typing import Any

from prefvec.report.archive import packed
from prefvec.report.directions import written

HOSTILE = (
    '<script>alert(1)</script> The heron is grey & "stands" in </svg> shallow water. 🪶',
    "It eats fish'); DROP TABLE answers;-- <img src=x onerror=alert(2)> and {{ 7*7 }} frogs.",
    "\u202eRight to left\u202c, and a lone \x00 null. ]]> --> "
    "</style></title><a href='javascript:x'>y</a>",
)
PROMPTS = [f"birds-{index:02d}" for index in range(96)]
PARAMETERS = {
    "alpha": 0.05,
    "D": math.log(1.25),
    "phi": 0.25,
    "rho": 0.5,
    "coherence_margin": 0.10,
}
MEASURED = {
    "started": "2026-03-13T21:04:00+00:00",
    "seconds": 394.5,
    "commit": "a94a8fe5ccb1",
    "device": "cpu",
    "processor": "A 64-Core Processor, AVX2, 2 threads",
}
_DOSES = (-1.0, -0.5, 0.5, 1.0)


def sample_claim(
    claim_id: str,
    *,
    title: str,
    kind: str,
    arms: dict[str, float],
    outcome: str = "SUPPORTED",
    target: str = "mini-mistral",
    sentence: str = "",
    unmet: str = "",
    censored: float = 0.0,
    spread: float = 0.16,
    **entries: Any,
) -> dict[str, Any]:
    """A claim whose arms have about the given odd parts (log ratios) at the chosen dose."""
    generator = random.Random(claim_id)
    built = [_arm(name, odd, generator, censored, spread) for name, odd in arms.items()]
    main = built[-1] if built else None
    return {
        "id": claim_id,
        "nodeid": f"claims/test_{kind}.py::test_claim[{claim_id}]",
        "title": title,
        "in_roles": _in_roles(title, target),
        "compared_with": ["native"],
        "controlled_by": ["random directions"],
        "kind": kind,
        "family": [f"mini-mistral → {target}"],
        "source": "mini-mistral",
        "target": target,
        "regime": None,
        "outcome": outcome,
        "label": None,
        "sentence": sentence or _sentence(main),
        "effect": _effect(main),
        "criterion": {"sentence": _CRITERIA[kind], "parameters": dict(PARAMETERS)},
        "components": _components(main, kind, unmet) if main else [],
        "arms": built,
        "control_arms": _controls(kind, generator) if main else [],
        "adapter": _ADAPTER if kind == "works" else None,
        "search": _search(generator, main["odd"]["estimate"]) if main else [],
        "answers": [_case(why, arms) for why in ("longest", "median", "worst")] if main else [],
        "archive": _archive(arms) if main else None,
        "power": _power(outcome) if main else None,
        "baseline": [
            {"label": "asked to answer at length", "factor": 2.13, "low": 1.98, "high": 2.29},
            {"label": "asked to be brief", "factor": 0.52, "low": 0.49, "high": 0.56},
        ]
        if main
        else [],
        "notes": [],
        "blessed": None,
        "change": None,
        "trait": "verbosity",
        "measuring": MEASURED if main else None,
        **entries,
    }


def _in_roles(title: str, target: str) -> str | None:
    """A sample title about roles; None of one that names no model."""
    if target == "mini-mistral":
        told = title.replace(target, "the model")
    else:
        told = title.replace(target, "the target").replace("mini-mistral", "the source")
    return told[:1].upper() + told[1:] if told != title else None


_CRITERIA = {
    "steers": "Longer at +c, shorter at −c and rising over the doses, each significant; odd part "
    "at least ×1.25; coherence lost by less than 10 points; beyond every control direction.",
    "fails": "The odd part of the raw vector is significantly below a quarter of native.",
    "works": "Steers, and significantly more than half of native and more than the raw vector.",
    "exceeds": "The mean of the contrast is significantly above ×1.00.",
    "spares": "The odd part of the other trait is equivalent to nothing.",
    "generalises": "The mean share of native over targets is significantly below a quarter.",
}
_ADAPTER = {
    "method": "ridge",
    "rows": 1000,
    "fingerprint": "c0ffee",
    "width": 128,
    "r2_held_out": 0.912,
    "r2_shuffled": -0.004,
    "cosine_to_native": 0.883,
}


def _arm(
    name: str, odd: float, generator: random.Random, censored: float, spread: float
) -> dict[str, Any]:
    per_prompt = {}
    for prompt in PROMPTS:
        own, even = generator.gauss(odd, spread), generator.gauss(-0.01, spread / 3)
        per_prompt[prompt] = {
            str(c): round(own * c * (1.15 if c < 0 else 0.85) + even, 4) for c in _DOSES
        }
    odds = [(d["1.0"] - d["-1.0"]) / 2 for d in per_prompt.values()]
    evens = [(d["1.0"] + d["-1.0"]) / 2 for d in per_prompt.values()]
    doses = []
    for c in _DOSES:
        mean = _interval([d[str(c)] for d in per_prompt.values()])
        doses.append(
            {
                "coefficient": c,
                "factor": math.exp(mean["estimate"]),
                "low": math.exp(mean["low"]),
                "high": math.exp(mean["high"]),
                "mean_words": 22 * math.exp(mean["estimate"]),
                "coherent": 0.99 - 0.03 * abs(c),
                "censored": censored if c == 1.0 else 0.01,
                "metrics": {
                    "sentences": 3 * math.exp(mean["estimate"]),
                    "share_formal": 0.5,
                    "perplexity": 2.5 if c < 1 else None,
                },
            }
        )
    wrong = sum(odd < 0 for odd in odds) / len(odds)
    return {
        "name": name,
        "label": {"native": "target's own", "raw": "raw copy"}.get(name, name),
        "site": {"layer": 3, "point": "resid_post"},
        "relative_norm": 0.5,
        "added_at": "answer",
        "vector": {
            "direction": sample_direction(name),
            "estimator": "difference in means",
            "positions": "mean over sentence ends",
            "n_pairs": 100,
        },
        "odd": _interval(odds),
        "even": _interval(evens),
        "wrong_way": {"share": wrong, "low": max(0.0, wrong - 0.03), "high": wrong + 0.04},
        "doses": doses,
        "per_prompt": per_prompt,
    }


def sample_direction(name: str) -> str:
    """A unit vector of 16 numbers, drawn from the name."""
    drawn = random.Random(name)
    values = [drawn.gauss(0, 1) for _ in range(16)]
    return written([value / math.hypot(*values) for value in values])


def _interval(values: list[float]) -> dict[str, float]:
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    half = 1.985 * math.sqrt(variance / len(values))
    return {"estimate": mean, "low": mean - half, "high": mean + half}


def _effect(main: dict[str, Any] | None) -> dict[str, Any] | None:
    if main is None:
        return None
    ends = {"factor": "estimate", "low": "low", "high": "high"}
    return {
        **{name: math.exp(main["odd"][key]) for name, key in ends.items()},
        "what": "words per answer, odd part at the full dose",
        "of": "arm",
    }


def _sentence(main: dict[str, Any] | None) -> str:
    effect = _effect(main)
    if effect is None:
        return "Nothing was measured."
    return (
        f"Answers change by ×{effect['factor']:.2f} [{effect['low']:.2f}, {effect['high']:.2f}] "
        "at ±c over 96 prompts."
    )


def _components(main: dict[str, Any], kind: str, unmet: str) -> list[dict[str, Any]]:
    odd = main["odd"]
    test = {"role": "test", "alternative": "less" if kind == "fails" else "greater"}
    tested = {"pvalue_t": 0.0002, "pvalue_signflip": 0.0004, "pvalue": 0.0004, "holm": 0.0012}
    undecided = {"pvalue_t": 0.31, "pvalue_signflip": 0.33, "pvalue": 0.33, "holm": 0.66}
    rows: list[dict[str, Any]] = [
        {**test, **tested, **odd, "name": "longer at +c", "threshold": 0.0, "scale": "log"},
        {
            **test,
            **odd,
            **(undecided if unmet == "share of native" else tested),
            "name": "share of native",
            "threshold": 0.235,
            "scale": "log",
        },
        {**odd, "name": "odd part at the chosen dose", "role": "filter", "threshold": 0.223}
        | {"scale": "log"},
        {**test, **tested, "name": "coherence difference", "estimate": -0.021, "low": -0.034}
        | {"high": -0.008, "threshold": -0.1, "scale": "points"},
        {
            "name": "censored share",
            "role": "precondition",
            "estimate": main["doses"][-1]["censored"],
        }
        | {"low": None, "high": None, "threshold": 0.2, "alternative": "less", "scale": "share"},
        {"name": "beyond random directions", "role": "control", **odd, "threshold": 0.061}
        | {"alternative": "greater", "scale": "log"},
        {"name": "entities as clusters", "role": "shown", **odd, "scale": "log"},
    ]
    if kind == "fails":
        rows = [row for row in rows if row["name"] in ("share of native", "censored share")]
    blank = {"threshold": None, "alternative": None, "pvalue": None, "pvalue_t": None}
    blank |= {"pvalue_signflip": None, "holm": None, "about": None, "inequality": None}
    for row in rows:
        row["passed"] = None if row["role"] == "shown" else row["name"] != unmet
        row["sentence"] = "Needed as stated in the criterion; measured as shown."
    return [{**blank, **row} for row in rows]


def _controls(kind: str, generator: random.Random) -> list[dict[str, Any]]:
    kinds = {"random": 8, **({"shuffled": 8, "unrelated": 1} if kind == "works" else {})}
    return [
        {"name": f"{name}-{i}", "kind": name, "odd": generator.gauss(0, 0.025)}
        for name, count in kinds.items()
        for i in range(count)
    ]


def _search(generator: random.Random, top: float) -> list[dict[str, Any]]:
    cells = []
    for layer in range(6):
        for norm in (0.25, 0.5, 1.0):
            odd = top * math.exp(-abs(layer - 3) / 1.5) * (norm / 0.5) ** 0.5
            loss = 0.16 if norm == 1.0 else 0.02
            cells.append(
                {
                    "layer": layer,
                    "relative_norm": norm,
                    "odd": odd + generator.gauss(0, 0.005),
                    "coherence_loss": loss,
                    "censored": 0.12 if norm == 1.0 and layer == 3 else 0.01,
                    "eligible": loss < 0.05,
                    "chosen": (layer, norm) == (3, 0.5),
                }
            )
    return cells


def _case(why: str, arms: dict[str, float]) -> dict[str, Any]:
    answers = []
    for index, (arm, odd) in enumerate([("unsteered", 0.0), *arms.items(), ("random", 0.0)]):
        sentences = max(1, round(3 * math.exp(2 * odd)))
        text = " ".join(HOSTILE[(index + i) % len(HOSTILE)] for i in range(sentences))
        answers.append(
            {
                "arm": arm,
                "coefficient": 0.0 if arm == "unsteered" else 1.0,
                "text": text,
                "words": len(text.split()),
                "finish_reason": "length" if why == "longest" and arm == "adapted" else "stop",
                "coherent": not (why == "worst" and arm == "raw"),
                "false": [[3, 20]] if arm == "random" else [],
            }
        )
    return {
        "prompt": f"birds-{len(why):02d}",
        "question": f"What is known about the heron, {why}? <b>&amp;</b>",
        "why": why,
        "answers": answers,
    }


def _power(outcome: str) -> dict[str, Any]:
    told = "×1.14 or more"
    contrasts = [("odd part above ×1.25", "support"), ("odd part below ×1.25", "refutation")]
    return {
        "prompts": 96,
        "unit": "prompts",
        "alpha": 0.05,
        "power": 0.8,
        "minimum_detectable": math.log(1.14),
        "told": told,
        "sentence": "Measured on 96 prompts, of this spread.",
        "more_prompts": 138 if outcome == "INCONCLUSIVE" else None,
        "to_decide": "About 138 more would." if outcome == "INCONCLUSIVE" else None,
        "contrasts": [
            {"name": name, "decides": way, "alpha": 0.05, "told": told, "planned_power": 0.9}
            for name, way in contrasts
        ],
    }


def _archive(arms: dict[str, float]) -> str:
    return packed(
        [
            {
                "arm": arm,
                "coefficient": coefficient,
                "prompt": prompt,
                "sample": 0,
                "text": f"🪶 {HOSTILE[index % len(HOSTILE)]} {arm} - 3.5, 鷺 well-read, {prompt}.",
                "finish_reason": "length" if index % 7 == 0 else "stop",
                "coherent": index % 5 != 0,
                "false": [[3, 20]] if index % 4 == 0 else [],
            }
            for arm, coefficients in {
                "unsteered": (0.0,),
                **dict.fromkeys((*arms, "random"), (-1.0, 1.0)),
            }.items()
            for coefficient in coefficients
            for index, prompt in enumerate(PROMPTS[:12])
        ]
    )
