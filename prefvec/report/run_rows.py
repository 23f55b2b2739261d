"""What a run rests on, in words: its facts, and where a vector came from."""

import hashlib
import json

from prefvec.report import numerals
from prefvec.report.measured_when import written_between
from prefvec.report.record import Run, Vector


def run_rows(run: Run) -> list[tuple[str, str]]:
    """The facts of a run, each with its title; facts that this version does not know stand last."""
    names = {
        "command": "Command",
        "commit": "Commit",
        "started": "Started",
        "finished": "Finished",
        "seed": "Seed",
        "samples": "Samples per prompt",
        "questions": "Questions",
        "n_prompts": "Test prompts",
        "temperature": "Temperature",
        "max_new_tokens": "Longest answer, tokens",
        "device": "Device",
        "processor": "Processor",
        "dtype": "Number type",
    }
    rows = [(title, str(run[key])) for key, title in names.items() if run.get(key) is not None]
    rows.append(("Duration", numerals.duration(run["duration_s"])))
    if cache := run.get("cache"):
        found = f"{cache['hits']} from the store{written_between(cache.get('written'))}"
        rows.append(("Answers", f"{found}, {cache['misses']} generated"))
        if before := cache.get("measured_before"):
            told = f"{before}, by the same code from the same models; their answers are not counted"
            rows.append(("Claims measured in an earlier run", told))
    versions = run.get("versions") or {}
    if versions:
        rows.append(("Versions", ", ".join(f"{name} {v}" for name, v in versions.items())))
    if code := run.get("code"):
        text = json.dumps(code, sort_keys=True)
        rows.append(("Code", f"{len(code)} files, {_digest(text)} together"))
    known = {*names, "duration_s", "cache", "versions", "not_run", "complete", "selected"}
    known |= {"code", "collected", "mode", "model_set", "models_are", "trait_doubts"}
    rows += [(str(key), str(value)) for key, value in run.items() if key not in known]
    return rows


def vector_words(vector: Vector) -> str:
    """How a vector was found."""
    found = f"{vector['estimator'].replace('_', ' ')} of {vector['n_pairs']} pairs"
    return f"{found}, read at the {vector['positions']}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
