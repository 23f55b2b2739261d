"""How a run of the claims was asked for, in one frozen object."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prefvec.exchange.file_hashes import file_hash
from prefvec.experiments.known_traits import DEFAULT, is_file, trait_of
from prefvec.experiments.pairs import ORGANISMS, Pair, crossed
from prefvec.experiments.question_sets import SETS, digest, file_of, usual_for
from prefvec.experiments.subject import Subject, subject_of
from prefvec.generation.store_file import USUAL
from prefvec.verdicts.controls import CONTROL_PROMPTS, CONTROLS

TURNS_READ = 16
"""Unsteered tuning answers that κ is the mean over."""

QUICK_TOKENS = 64
"""τ at most in a smoke run. Within 48 tokens SmolLM2-135M-Instruct, asked for short answers and for
long ones, does not yet show that it heeds what it is asked for."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run was asked for.

    Attributes:
        sources: the models whose vectors are taken; the first also writes the turns that
            adapters read.
        targets: the models they are carried into.
        device: torch device, or None to choose.
        dtype: name of a torch dtype, or None to choose.
        samples: answers per prompt, arm and dose in the confirmatory arms.
        n_prompts: test prompts.
        max_new_tokens: τ, within which the words of an answer are expected.
        seed: of all sampling and of every random control.
        cache_dir: where hub files are kept, or None for the hub's own place.
        store: file of the completions.
        quick: a smoke run: fewer prompts, also for controls, shorter answers, a narrower search for
            the cell and doses solved on fewer answers; never blessed or compared.
        trait: a trait's name or file; None for verbosity, with the other traits' claims beside it.
        prompts: questions for real models: a set of the suite by name, or a file; None for the
            set that the models themselves ask for.
        judge: the address of a server that speaks OpenAI's chat completions, or "local"; None where
            no claim is judged.
        judge_model: what the server calls the model, or a model as `sources` name them.
        second_judge_model: another one at the same place, whose verdicts must be the same.
        judge_budget: most replies that a run may pay each judge for; None for no limit.
        workers: processes that write answers; 1 is this one.
        engine: where they are: on this machine, or in a Ray cluster.
        vector: a file of another tool, judged in the place of the source's own vector; None for
            the source's own.
        convention: what its numbers mean; see `prefvec.exchange.conventions`.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...] = ()
    device: str | None = None
    dtype: str | None = None
    samples: int = 4
    n_prompts: int = 96
    max_new_tokens: int = 128
    seed: int = 0
    cache_dir: str | None = None
    store: Path = USUAL
    quick: bool = False
    trait: str | None = None
    prompts: str | None = None
    judge: str | None = None
    judge_model: str | None = None
    second_judge_model: str | None = None
    judge_budget: int | None = None
    workers: int = 1
    engine: Literal["local", "ray"] = "local"
    vector: str | None = None
    convention: str | None = None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every source with every other target, target by target."""
        return crossed(self.sources, self.targets)

    @property
    def names(self) -> tuple[str, ...]:
        """Every model of the run, each once."""
        return tuple(dict.fromkeys((*self.sources, *self.targets)))

    @property
    def writer(self) -> str:
        """The model that writes what adapters read: one text for all models of a run."""
        return self.sources[0]

    @property
    def subject(self) -> Subject:
        """What the models are asked about."""
        return subject_of(self.names)

    @property
    def questions(self) -> str | None:
        """What real models are asked: a set of the suite by name, or a file; None for organisms."""
        if self.subject.kind == "organisms":
            return None
        return self.prompts or usual_for(self.names)

    @property
    def mode(self) -> str:
        """What the record calls the run: a smoke run is no evidence."""
        return "quick" if self.quick else "full"

    @property
    def model_set(self) -> str:
        """Names the file of blessed findings: the default organisms, or the models by name.

        Another trait than verbosity is named, too, and so are other questions than those that the
        models are asked where a run names none: a set of the suite by its name, a file by a digest.
        """
        if (self.sources, self.targets) == ORGANISMS:
            return "organisms" + self._material_named
        names = [name.strip("/").replace("/", "-").lower() for name in self.names]
        crossed = "" if len(self.sources) == 1 else f"--from-{len(self.sources)}"
        return "--".join(names) + crossed + self._material_named

    @property
    def _material_named(self) -> str:
        named = ""
        if self.vector is not None:
            named += f"--vector-{file_hash(Path(self.vector))[:8]}-{self.convention}"
        if self.trait not in (None, DEFAULT):
            named += f"--trait-{trait_of(self.trait, self.subject).name}"
            if is_file(self.trait):
                named += f"-{digest(Path(self.trait).expanduser())}"
        if self.prompts in (None, usual_for(self.names)):
            return named
        shipped = self.prompts in SETS
        return f"{named}--prompts-{self.prompts if shipped else digest(file_of(self.prompts))}"

    @property
    def control_samples(self) -> int:
        """Answers per prompt in the control arms; their noise only makes the bar higher."""
        return 1

    @property
    def n_controls(self) -> int:
        """Random directions, and shuffled maps, behind each arm; no fewer in a smoke run."""
        return CONTROLS

    @property
    def neutral_turns(self) -> int:
        """Turns or prompts that adapters are fitted to, and residual norms read from."""
        return 200 if self.quick else 1000

    @property
    def control_prompts(self) -> int:
        """Test prompts of control arms: the spread over directions is what counts."""
        return 2 if self.quick else CONTROL_PROMPTS

    @property
    def random_prompts(self) -> int:
        """Tuning prompts on which random directions are tried in a cell that may be judged."""
        return 4 if self.quick else 16

    @property
    def dosing_turns(self) -> int:
        """Unsteered tuning answers that a dose is solved on."""
        return 2 if self.quick else TURNS_READ

    @property
    def prompted_answers(self) -> int:
        """Prompted answers to each pole from which the limits of coherence are read."""
        return 40 if self.quick else 240
