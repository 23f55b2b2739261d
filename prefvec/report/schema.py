"""What stands in the record of a run, `verdicts.json`, entry by entry."""

from typing import Any

from prefvec.report.shapes import ListOf, MapOf, Maybe, OneOf, Tagged

SCHEMA = 2
OUTCOMES = ("SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID", "NOT APPLICABLE")
CHANGES = ("SAME", "REGRESSED", "IMPROVED", "DRIFT", "NEW", "NOT COMPARABLE")
KINDS = ("steers", "fails", "works", "exceeds", "spares")
MAIN_ARM = {"fails": ("raw",), "works": ("adapted", "raw")}
"""The arm that a claim of a kind is about: the first of these that was measured, for a vector
works adapted, or as it was copied. A claim of another kind is about its first arm."""
ARM_WORDS = {
    "native": "its own",
    "beside": "steered trait's",
    "null": "no trait",
    "raw": "copied raw",
    "raw-analogous": "raw, same depth",
    "zero-padded": "zero-padded",
    "adapted": "adapted",
}
"""Words for an arm that fit beside its line; its full label stands in the table."""

QUESTION = "the three findings"
"""The row of the question that a claim belongs to when its record names none."""
SCALES = ("log", "share", "points", "correlation")
"""Of what a figure shows: log ratios drawn as factors, hundredths, or plain numbers."""

_NUMBER = Maybe(float)
_INTERVAL = {"estimate": _NUMBER, "low": _NUMBER, "high": _NUMBER}
_DOSE = {
    "coefficient": float,
    "factor": _NUMBER,
    "low": _NUMBER,
    "high": _NUMBER,
    "mean_words?": _NUMBER,
    "coherent?": _NUMBER,
    "censored?": _NUMBER,
    "metrics?": MapOf(_NUMBER),
}
VECTOR = {"direction": str, "estimator": str, "positions": str, "n_pairs": int}
"""Of an arm's vector; `direction` as `prefvec.report.directions` writes it."""
_ARM = {
    "name": str,
    "label": str,
    "site?": Maybe({"layer": int, "point": str}),
    "relative_norm?": _NUMBER,
    "vector?": Maybe(VECTOR),
    "odd?": Maybe(_INTERVAL),
    "even?": Maybe(_INTERVAL),
    "wrong_way?": Maybe({"share": _NUMBER, "low": _NUMBER, "high": _NUMBER}),
    "doses": ListOf(_DOSE),
    "per_prompt": MapOf(MapOf(_NUMBER)),
}
_COMPONENT = {
    "name": str,
    "sentence": str,
    "role": OneOf(("test", "filter", "precondition", "control", "shown")),
    **{f"{key}?": _NUMBER for key in ("estimate", "low", "high", "threshold", "pvalue", "holm")},
    "pvalue_t?": _NUMBER,
    "pvalue_signflip?": _NUMBER,
    "alternative?": Maybe(str),
    "scale?": Maybe(OneOf(SCALES)),
    "passed": Maybe(bool),
}
_CELL = {
    "layer": int,
    "relative_norm": float,
    "odd": _NUMBER,
    "coherence_loss": _NUMBER,
    "censored": _NUMBER,
    "eligible": bool,
    "chosen": bool,
}
_ANSWER = {
    "arm": str,
    "coefficient": float,
    "text": str,
    "words": int,
    "finish_reason": OneOf(("stop", "length")),
    "coherent": Maybe(bool),
    "false?": ListOf(ListOf(int)),
}
"""An answer; `false` has the [start, end) of each part that says what is not so."""
_OF_EACH_FIGURE = {"id": str, "title": str, "caption": str}
_SCALE = OneOf(SCALES)
FIGURE = Tagged(
    "kind",
    {
        "curve": {
            **_OF_EACH_FIGURE,
            "scale": _SCALE,
            "x_label": str,
            "y_label": str,
            "lines": ListOf(
                {
                    "label": str,
                    "points": ListOf(
                        {"x": float, "tick?": str, "y": _NUMBER, "low?": _NUMBER, "high?": _NUMBER}
                    ),
                }
            ),
            "reference?": Maybe({"label": str, "y": float}),
        },
        "heat map": {
            **_OF_EACH_FIGURE,
            "scale": _SCALE,
            "row_label": str,
            "column_label": str,
            "rows": ListOf(str),
            "columns": ListOf(str),
            "cells": ListOf(ListOf(_NUMBER)),
            "marked?": ListOf({"row": int, "column": int, "label": str}),
        },
        "forest": {
            **_OF_EACH_FIGURE,
            "scale": _SCALE,
            "rows": ListOf(
                {
                    "label": str,
                    **_INTERVAL,
                    "pooled?": bool,
                    "weight?": _NUMBER,
                    "predicted?": Maybe({"low": float, "high": float}),
                }
            ),
            "threshold?": _NUMBER,
        },
        "table": {**_OF_EACH_FIGURE, "columns": ListOf(str), "rows": ListOf(ListOf(str))},
    },
)
"""A figure of a claim as plain data. `row` and `column` of a mark count from 0."""
_POWER = {
    "prompts": int,
    "unit": str,
    "power": float,
    "told": str,
    "sentence": str,
    "more_prompts": Maybe(int),
    "contrasts": ListOf(
        {"name": str, "decides": str, "alpha": float, "told": str, "planned_power": _NUMBER}
    ),
}
"""What the prompts can show; `told` is the smallest true effect shown with this power."""
_FACTOR = {"factor": _NUMBER, "low": _NUMBER, "high": _NUMBER}
CLAIM = {
    "id": str,
    "nodeid": str,
    "title": str,
    "kind": OneOf(KINDS),
    "family": ListOf(str),
    "source": Maybe(str),
    "target": Maybe(str),
    "regime": Maybe(str),
    "outcome": OneOf(OUTCOMES),
    "label": Maybe(str),
    "sentence": str,
    "effect": Maybe({**_FACTOR, "what": str}),
    "measure?": Maybe(str),
    "criterion": {"sentence": str, "parameters": MapOf(_NUMBER)},
    "components": ListOf(_COMPONENT),
    "arms": ListOf(_ARM),
    "control_arms": ListOf({"name": str, "kind": str, "odd": _NUMBER}),
    "adapter": Maybe({"method": str, "fingerprint?": str}),
    "search": ListOf(_CELL),
    "answers": ListOf({"prompt": str, "question": str, "why": str, "answers": ListOf(_ANSWER)}),
    "baseline": ListOf({"label": str, **_FACTOR}),
    "notes": ListOf(str),
    "blessed": Maybe({"outcome": str, "reason": Maybe(str)}),
    "change": Maybe(OneOf(CHANGES)),
    "comparison?": Maybe({"sentence": str, "suspects?": ListOf(str)}),
    "power?": Maybe(_POWER),
    "samples?": int,
    "seconds?": _NUMBER,
    "question?": str,
    "figures?": ListOf(FIGURE),
    "archive?": Maybe(str),
}
CLAIM_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(("source", "target", "regime", "label", "effect", "adapter")),
    **dict.fromkeys(("blessed", "change")),
    **{key: [] for key in ("family", "components", "arms", "control_arms", "search")},
    **{key: [] for key in ("answers", "baseline", "notes")},
    "nodeid": "",
}
_RUN = {
    "mode": OneOf(("full", "quick")),
    "model_set": str,
    "models_are": OneOf(("organisms", "real")),
    "complete": bool,
    "started": Maybe(str),
    "finished": Maybe(str),
    "duration_s": _NUMBER,
    "selected": int,
    "collected": int,
    "command": Maybe(str),
    "versions?": MapOf(str),
    "code?": MapOf(str),
    "cache?": Maybe({"hits": int, "misses": int, "measured_before?": int}),
    "not_run?": ListOf({"id": str, "outcome": str}),
}
RUN_DEFAULTS: dict[str, Any] = {
    "complete": False,
    "started": None,
    "finished": None,
    "duration_s": None,
    "selected": 0,
    "collected": 0,
    "command": None,
}
_MODEL = {
    "name": str,
    "role": str,
    "architecture?": Maybe(str),
    "fingerprint?": Maybe(str),
    "tokenizer_fingerprint?": Maybe(str),
    "d_model?": Maybe(int),
    "n_layers?": Maybe(int),
    "revision?": Maybe(str),
    "loads?": int,
    "checks?": ListOf({"name": str, "passed": bool, "sentence": str}),
}
_KNOWN = {
    "id": str,
    "nodeid": str,
    "title": str,
    "model": str,
    "because": str,
    "needed": str,
    "outcome": OneOf(OUTCOMES),
    "label": Maybe(str),
    "sentence": str,
    "effect": Maybe({**_FACTOR, "what": str}),
    "checks": ListOf({"name": str, "needed": str, "measured": str, "passed": bool}),
    "agrees": bool,
}
_ANSWERS = {
    "prompts": ListOf(str),
    "texts": ListOf(str),
    "arms": ListOf(
        {
            **dict.fromkeys(("model", "arm", "label"), str),
            "coefficient": float,
            "claims": ListOf(str),
            **{key: ListOf(int) for key in ("prompt", "sample", "text", "cut", "incoherent")},
            "false": MapOf(ListOf(ListOf(int))),
        }
    ),
}
"""The answers of all claims as `prefvec.report.archive.merged` gives them."""
RECORD = {
    "schema": int,
    "run": _RUN,
    "models": ListOf(_MODEL),
    "splits": ListOf({"name": str, "topics?": ListOf(str), "n_prompts": int, "fingerprint?": str}),
    "claims": ListOf(CLAIM),
    "known_answers": ListOf(_KNOWN),
    "answers?": Maybe(_ANSWERS),
}
