"""A laboratory without a network: what its models say and hold follows a known law.

Expected words are exp(base + gain · ⟨what is added, hidden direction⟩ / scale), an answer turns
into a loop beyond a known disturbance, a disturbance is (norm / scale)², and residuals hold the
hidden direction under instructions. What is added at every token counts `EVERYWHERE` times. Every
request and every reading is kept in a log. Everything else is the suite's own code.
"""

import hashlib
import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch

import prefvec.experiments.identity
import prefvec.experiments.lab
import prefvec.experiments.mean_residuals
import prefvec.experiments.readings
import prefvec.experiments.tuned_models
from prefvec.experiments.known_traits import traits_of
from prefvec.experiments.lab import Lab
from prefvec.experiments.material import Material
from prefvec.experiments.open_questions import QUESTIONED
from prefvec.experiments.options import Options
from prefvec.experiments.shelf import Shelf
from prefvec.generation.store import CompletionStore
from prefvec.models.language_model import LanguageModel
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site, Space

SOURCE, TARGET = "fake/source", "fake/target"
WIDTH, LATENTS, SCALE = 64, 12, 4.0
GAINS = (3.0, 1.42, 3.3, 4.0)
"""By block, in log words at a relative norm of 1. The last block is the strongest trap."""
BESIDE = (0.0, 0.0, 2.0, 0.0)
"""By block: what instructions move besides the hidden direction, in units of that."""
BREAKS = (0.001, 0.3, 0.3, 0.3)
"""By block: the disturbance beyond which answers are loops."""
JUDGED = Site(layer=1, point="resid_post"), 0.15
"""The cell that the law makes the right one: see the gains, what breaks, and the floor of 1.5 D."""
EVERYWHERE = 2.0
"""How much more a vector does, and disturbs, when it is added to the whole prompt as well."""
COUNTS = {"extraction": 16, "adapter": 40, "tuning": 16, "test": 24}
LONGEST = 400


@dataclass(frozen=True, kw_only=True)
class World:
    """What differs between laboratories.

    Attributes:
        twins: whether the target's hidden directions have the source's coordinates; else they
            are orthogonal to all that the source holds.
        gains_on_test: by block, where answers to test prompts follow another law.
        breaks_on_test: the disturbance beyond which answers to test prompts are loops.
        kept_in_format: the share of its gain that a model keeps in quantised weights.
    """

    twins: bool = False
    gains_on_test: tuple[float, ...] = GAINS
    breaks_on_test: float = math.inf
    kept_in_format: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One request or one reading: which model, what for, which prompt, and what was added."""

    model: str
    what: str
    prompt: Prompt
    arm: str = ""
    steering: object = None

    @property
    def split(self) -> str:
        """The split that the prompt is of."""
        return self.prompt.id.split("-")[0]


@dataclass
class Log:
    """All that was asked and read, in order."""

    asked: list[Entry] = field(default_factory=list)
    read: list[Entry] = field(default_factory=list)
    what: str = ""


def rng(*what):
    """Noise that is a function of what it is for."""
    digest = hashlib.sha256("\0".join(map(str, what)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


@cache
def _basis(layer):
    return np.linalg.qr(rng("basis", layer).normal(size=(WIDTH, WIDTH)))[0]


class FakeModel(LanguageModel):
    """A model that is nothing but a law.

    Args:
        name: what it is called.
        world: the law's variant.
        log: where readings are kept.
        of: the model whose weights it has, quantised; its own when None.
    """

    n_layers = len(GAINS)
    d_model = WIDTH

    def __init__(self, name, world, log, *, of=None):
        own = (of or name) if not world.twins else "both"
        known = {"name": name, "fingerprint": name, "tokenizer_fingerprint": "fake"}
        known |= {"kept": world.kept_in_format if of else 1.0}
        known |= {"world": world, "log": log, "own": own, "effects": {}}
        for key, value in known.items():
            object.__setattr__(self, key, value)

    def axes(self, layer):
        """Residual directions of the latents, (WIDTH, LATENTS); the first is the hidden one."""
        first = LATENTS if self.own == TARGET else 0
        return _basis(layer)[:, first : first + LATENTS]

    def effect(self, prompt, steering):
        """What steering adds to the logarithm of the words, and whether it breaks the answer."""
        if steering.vector is None or not steering.coefficient:
            return 0.0, False
        on_test = prompt.id.startswith("test")
        key = steering.vector, steering.coefficient, steering.positions, on_test
        if key not in self.effects:
            self.effects[key] = self._effect(steering, on_test)
        return self.effects[key]

    def _effect(self, steering, on_test):
        layer = steering.vector.site.layer
        gain = (self.world.gains_on_test if on_test else GAINS)[layer]
        limit = min(BREAKS[layer], self.world.breaks_on_test) if on_test else BREAKS[layer]
        scale = SCALE / (EVERYWHERE if steering.positions == "all" else 1)
        delta = steering.delta().numpy().astype(float) / scale
        along = float(delta @ self.axes(layer)[:, 0])
        return self.kept * gain * along, float(delta @ delta) > limit

    def answer(self, request):
        """One answer by the law, as text and as expected words."""
        prompt, sample = request.prompt, request.sample
        moved, broken = self.effect(prompt, request.steering)
        own = rng(prompt.id, sample).normal(scale=0.2)
        own += rng(prompt.id, sample, _named(request.steering)).normal(scale=0.03)
        expected = min(LONGEST, 30 * math.exp(own + moved + 0.9 * asks(prompt, "verbosity")))
        n = max(1, round(expected))
        words = ["the"] * n if broken else _words(prompt.id, sample)[:n]
        if prompt.instruction and rng("stutter", prompt, sample).random() < 0.15:
            words = (words[: (n + 1) // 2] * 2)[:n]  # what loosens limits, so that no text is lost
        return Completion(
            prompt=prompt.id,
            sample=sample,
            text=" ".join(words),
            n_tokens=n,
            finish_reason="stop",
            arm=request.arm,
            coefficient=request.steering.coefficient,
            perplexity=10.0,
            expected_words=expected,
        )

    def holds(self, prompt, text, layer):
        """The residual while reading one turn, shape (WIDTH,)."""
        noise = rng(prompt.id, prompt.instruction, text).normal(size=LATENTS)
        latents = 0.5 * noise
        latents[0] += 2 * asks(prompt, "verbosity")
        latents[1] += 2 * asks(prompt, "formality")
        latents[2] += 2 * BESIDE[layer] * asks(prompt, "verbosity")
        own = rng(self.own, prompt.id, text, layer).normal(scale=0.05, size=WIDTH)
        return 3 * _basis(layer)[:, -1] + self.axes(layer) @ latents + own


def asks(prompt, trait):
    """1 where a prompt asks for a trait's positive pole, −1 for the negative one, else 0."""
    return _asked(trait).get(prompt.instruction, 0)


@cache
def _asked(trait):
    known = traits_of(QUESTIONED)[trait]
    poles = (known.positive, 1), (known.negative, -1)
    return {words: sign for pole, sign in poles for words in pole.extraction + pole.held_out}


def _named(steering):
    """Names what is added; nothing is nothing, whatever the vector."""
    if steering.vector is None or not steering.coefficient:
        return "nothing"
    return steering.vector.fingerprint, steering.coefficient


@cache
def _words(prompt, sample):
    letters = list("abcdefghijklmnopqrstuvwxyz")
    return ["".join(row) for row in rng("words", prompt, sample).choice(letters, (LONGEST, 5))]


def generate(model, requests, sampling, **_):
    """Answers by the law."""
    model.log.asked.extend(
        Entry(
            model=model.name, what=model.log.what, prompt=r.prompt, arm=r.arm, steering=r.steering
        )
        for r in requests
    )
    return [model.answer(request) for request in requests]


def over_answers(model, turns, sites, **_):
    """Residuals by the law, one row a turn."""
    found = {}
    for site in sites:
        rows = np.stack([model.holds(prompt, text, site.layer) for prompt, text in turns])
        found[site] = Activations(
            values=torch.tensor(rows, dtype=torch.float32),
            space=Space.of(model, site),
            ids=tuple(prompt.id for prompt, _ in turns),
            positions="fake",
            mean_norm=float(np.linalg.norm(rows, axis=1).mean()),
        )
    return found


def at_last_prompt_token(model, prompts, sites, **_):
    """The same, of prompts without answers."""
    return over_answers(model, [(prompt, "") for prompt in prompts], sites)


def kept_shifts(_, model, turns, steerings):
    """The co-primary by the law: as much as the words move."""
    return [_going_on_shift(model, turns, steering) for steering in steerings]


def _going_on_shift(model, turns, steering):
    _read(model, "going on", turns)
    return {
        p.id: model.effect(p, steering)[0] + rng("on", p.id, _named(steering)).normal(scale=0.05)
        for p, _ in turns
    }


def _read(model, what, turns):
    model.log.read.extend(Entry(model=model.name, what=what, prompt=p) for p, _ in turns)


class FakeShelf(Shelf):
    """Holds both models at once; neither has anything to check."""

    def __init__(self, options, models):
        super().__init__(options)
        self._both = models

    def __getitem__(self, name):
        return self._both[name]

    def make(self, name, by):
        """At hand like the two."""
        self._both[name] = by()

    def _in_format(self, name, weights):
        model = self._both[name]
        return FakeModel(f"{name}-{weights}", model.world, model.log, of=name)

    def checked(self, name):
        """No check, so none that fails."""
        return []

    def asked_in(self, name):
        """The target is a base model."""
        return {SOURCE: "chat", TARGET: "plain"}[self.original(name)]

    def width(self, name):
        """The same for both."""
        return self._both[name].d_model


class FakeOptions(Options):
    """Of a run that reads few neutral turns, whether it is quick or not."""

    neutral_turns = 200


class FakeLab(Lab):
    """A lab over two fake models, with a log of all that is asked and read.

    Args:
        options: of the run.
        store: stays empty.
        world: the law's variant.
    """

    def __init__(self, options, store, world):
        super().__init__(options, store, material=material())
        self.log = Log()
        both = {name: FakeModel(name, world, self.log) for name in options.names}
        self.models = FakeShelf(options, both)

    def ask(self, name, requests, what, *, perplexity=False):
        """As any lab does, saying in the log what for."""
        self.log.what = what
        answers = super().ask(name, requests, what, perplexity=perplexity)
        self.log.what = ""
        return answers

    def kept(self, what, name, turns, read):
        """Read afresh and logged; no files."""
        _read(self.models[name], what, turns)
        return read(lambda done, of: None)

    def at_disturbance(self, name, turns, vectors, kappas, *, most, positions="answer"):
        """Doses by the law: κ = (norm / scale)²; no files."""
        _read(self.models[name], "disturbance", turns)
        scale = SCALE / (EVERYWHERE if positions == "all" else 1)
        return [{k: replace(v, norm=math.sqrt(k) * scale) for k in kappas} for v in vectors]


def material():
    """Four small splits, and the traits of real models."""
    splits = {
        split: [
            Prompt(id=f"{split}-{i}", text=f"What of {split} {i}?", topic=f"{split} {i % 4}")
            for i in range(count)
        ]
        for split, count in COUNTS.items()
    }
    traits = dict(traits_of(QUESTIONED))  # `brevity_in` adds to them
    return Material(
        subject=QUESTIONED,
        splits=splits,
        trait=traits["verbosity"],
        traits=traits,
        cluster=lambda prompt: prompt,
    )


@contextmanager
def laboratory(**world) -> Generator[FakeLab]:
    """A fresh laboratory; see `World` for what may differ."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        experiments = prefvec.experiments
        for module in (experiments.lab, experiments.identity, experiments.tuned_models):
            patch.setattr(module, "generate", generate)
        patch.setattr(experiments.mean_residuals, "over_answers", over_answers)
        patch.setattr(experiments.readings, "at_last_prompt_token", at_last_prompt_token)
        patch.setattr(experiments.lab, "kept_shifts", kept_shifts)
        store = Path(folder) / "completions.sqlite"
        options = FakeOptions(sources=(SOURCE,), targets=(TARGET,), samples=1, store=store)
        with CompletionStore(store) as opened:
            yield FakeLab(options, opened, World(**world))


def brevity_in(lab):
    """The name of a trait that a laboratory has from now on: its verbosity, the poles changed."""
    longer = lab.material.traits["verbosity"]
    poles = {"positive": longer.negative, "negative": longer.positive}
    shorter = replace(longer, name="brevity", **poles, measure=longer.measure.reversed())
    lab.material.traits[shorter.name] = shorter
    return shorter.name
