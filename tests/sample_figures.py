"""A figure of every kind, as large as the page must keep legible."""

import math
from typing import Any

CONCEPTS = ("verbosity", "formality", "tense", "certainty", "enthusiasm", "person", "listing")


def sample_figures() -> list[dict[str, Any]]:
    """A curve of three lines and six points, a 6 × 7 heat map, six pairs pooled, an 8 × 6 table."""
    return [sample_curve(), sample_heat_map(), sample_forest(), sample_table()]


def sample_curve() -> dict[str, Any]:
    """Share of the native effect over the share of rows with an instruction of the trait."""
    exposures = (0, 1, 2, 5, 20, 100)
    lines = {"mini-mistral → mini-llama": 1.0, "→ mini-gemma": 0.8, "shuffled pairs": 0.05}
    return {
        "id": "exposure",
        "kind": "curve",
        "title": "How much of the trait the adapter must have read",
        "caption": "Odd part as a share of native, 24 prompts; 95 % intervals over prompts.",
        "scale": "share",
        "x_label": "rows with an instruction of the trait",
        "y_label": "share of the native effect",
        "lines": [
            {
                "label": label,
                "points": [
                    {
                        "x": float(exposure),
                        "tick": f"{exposure} %",
                        "y": (share := height * (1 - math.exp(-(exposure + 0.2) / 4))),
                        "low": share - 0.08,
                        "high": share + 0.08,
                    }
                    for exposure in exposures
                ],
            }
            for label, height in lines.items()
        ],
        "reference": {"label": "half of native", "y": 0.5},
    }


def sample_heat_map() -> dict[str, Any]:
    """The effect over source and target block."""
    return {
        "id": "layers",
        "kind": "heat map",
        "title": "Effect by source and target block",
        "caption": "Odd part on the tuning prompts, as a factor of words per answer.",
        "scale": "log",
        "row_label": "source block",
        "column_label": "target block",
        "rows": [str(i) for i in range(6)],
        "columns": [str(j) for j in range(7)],
        "cells": [
            [1.1 * math.exp(-((i - j) ** 2) / 3) - 0.2 for j in range(6)] + [None if i < 2 else 0.1]
            for i in range(6)
        ],
        "marked": [
            *({"row": i, "column": i, "label": "same relative depth"} for i in range(6)),
            *({"row": i, "column": min(6, i + i % 2), "label": "largest CKA"} for i in range(6)),
        ],
    }


def sample_forest() -> dict[str, Any]:
    """Six model pairs and their mean."""
    pairs = {
        "mini-mistral → mini-llama": (1.08, 0.06),
        "mini-mistral → mini-gemma": (0.57, 0.05),
        "mini-llama → mini-mistral": (0.84, 0.09),
        "mini-llama → mini-gemma": (0.31, 0.12),
        "mini-gemma → mini-mistral": (0.02, 0.11),
        "mini-llama-small → mini-llama": (0.66, 0.07),
    }
    rows = [
        {"label": label, "estimate": y, "low": y - 2 * se, "high": y + 2 * se, "weight": 1 / se**2}
        for label, (y, se) in pairs.items()
    ]
    pooled = {"label": "mean of 6 pairs", "estimate": 0.58, "low": 0.19, "high": 0.97}
    return {
        "id": "pairs",
        "kind": "forest",
        "title": "All pairs",
        "caption": "Dotted: where a further pair is expected (95 %). Dashed: ×1.25.",
        "scale": "log",
        "rows": [*rows, {**pooled, "pooled": True, "predicted": {"low": -0.52, "high": 1.68}}],
        "threshold": math.log(1.25),
    }


def sample_table() -> dict[str, Any]:
    """A row for each concept."""
    outcomes = ("SUPPORTED", "SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID", "NOT APPLICABLE")
    return {
        "id": "concepts",
        "kind": "table",
        "title": "One mapper, many concepts",
        "caption": "Each concept was left out of the fit.",
        "columns": ["concept", "outcome", "effect [95 %]", "share of native", "span", "cosine"],
        "rows": [
            [name, outcomes[i % 6], "×1.62 [1.48, 1.77]", "82 % [71, 95]", "0.91", "−0.12"]
            for i, name in enumerate([*CONCEPTS, "courtesy"])
        ],
    }
