"""Is an organism fit to be measured? `python -m prefvec.organisms.acceptance [NAME ...]`."""

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from prefvec.generation.requests import Request, Sampling, generate
from prefvec.models.language_model import LanguageModel, load
from prefvec.organisms.phrasing import LEVELS, the_phrasing
from prefvec.organisms.species import Species, all_species
from prefvec.organisms.world import Statement, the_world
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion
from prefvec.text.prompts import Prompt
from prefvec.vectors.steering import UNSTEERED

FLAT_WITHIN = 0.3
"""How far the levels of a deaf organism may lie apart: 240 answers a level leave a standard error
of about 5 % of each mean, so that five equal ones reach 30 % hardly ever."""

SAMPLING = Sampling(max_new_tokens=320, temperature=1.0, seed=77)


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What was measured on held-out question forms and unseen paraphrases, at temperature 1.

    Attributes:
        ended: share of all answers that ended by themselves.
        parsed: share of the middle level's sentences that the world's grammar can read.
        true: share of the middle level's sentences that are true or repeat a truth.
        repeated: share of the middle level's sentences that repeat an earlier one's fact.
        words: mean words per answer, level by level.
        uninstructed_words: mean words per answer without an instruction.
        formality: share of sentences in the wording that was asked for, by pole.
        answers: how many answers were read.
    """

    ended: float
    parsed: float
    true: float
    repeated: float
    words: dict[int, float]
    uninstructed_words: float
    formality: dict[str, float]
    answers: int

    def failures(self, *, deaf: bool = False) -> list[str]:
        """What is asked of an organism and is not so: one sentence each.

        Args:
            deaf: whether it must *not* heed instructions about length.
        """
        asked = {
            f"{self.ended:.1%} of answers end by themselves; 98 % are needed": self.ended >= 0.98,
            f"{self.parsed:.1%} of sentences parse; 95 % are needed": self.parsed >= 0.95,
            f"{self.true:.1%} of sentences are true; 90 % are needed": self.true >= 0.90,
            **self._lengths_asked(deaf=deaf),
        }
        for pole, share in self.formality.items():
            asked[f"{share:.1%} of sentences are {pole} when asked; 95 % are needed"] = (
                share >= 0.95
            )
        return [sentence for sentence, met in asked.items() if not met]

    def _lengths_asked(self, *, deaf: bool) -> dict[str, bool]:
        words = [self.words[level] for level in LEVELS]
        if deaf:
            said = f"a deaf organism's mean words may vary by {FLAT_WITHIN:.0%} over the levels"
            return {said: max(words) <= (1 + FLAT_WITHIN) * min(words)}
        rising = all(low < high for low, high in itertools.pairwise(words))
        tripled = words[-1] >= 3 * words[0]
        return {
            "mean words must rise strictly over the five levels": rising,
            "the highest level must have at least 3 times the words of the lowest": tripled,
        }


def _prompts(instructions: Sequence[str], count: int, offset: int = 0) -> list[Prompt]:
    """Held-out questions, entities and paraphrases taken in turn."""
    entities = list(the_world().entities.values())
    forms = the_phrasing().questions.held_out
    prompts: list[Prompt] = []
    for index in range(count):
        entity = entities[(offset + index) % len(entities)]
        form = forms[(index + index // len(entities)) % len(forms)]
        prompts.append(
            Prompt(
                id=f"{entity.name}-{offset + index}",
                text=form.format(name=entity.name, kind=entity.kind),
                topic=entity.topic,
                instruction=instructions[index % len(instructions)] if instructions else "",
            )
        )
    return prompts


def _answer(model: LanguageModel, prompts: list[Prompt]) -> list[Completion]:
    requests = [Request(prompt=p, sample=0, steering=UNSTEERED, arm="acceptance") for p in prompts]
    return generate(model, requests, SAMPLING)


def _words(answers: list[Completion]) -> float:
    return sum(len(answer.text.split()) for answer in answers) / len(answers)


def _read(answers: list[Completion]) -> list[Statement]:
    world = the_world()
    return [
        statement
        for answer in answers
        for statement in world.read(answer.text, answer.prompt.split("-")[0])
    ]


def measure(model: LanguageModel, count: int = 240) -> tuple[Acceptance, list[Completion]]:
    """Sample `count` answers per level, per pole of formality and without instruction.

    Returns:
        The figures, and all the answers they were measured on.
    """
    phrasing = the_phrasing()
    levels = {
        level: _answer(model, _prompts(phrasing.levels[level].held_out, count, offset=1000 * level))
        for level in LEVELS
    }
    bare = _answer(model, _prompts([], count))
    formality = phrasing.concepts["formality"]
    asked = {
        pole: _answer(model, _prompts(formality.asking[pole].held_out, count, offset=9000))
        for pole in formality.poles
    }
    everything = [*bare, *(a for group in (levels, asked) for b in group.values() for a in b)]
    middle = _read([*levels[3], *bare])
    truths = [statement.truth for statement in middle]
    wordings = {
        pole: [s.manner.wording for s in _read(answers) if s.manner]
        for pole, answers in asked.items()
    }
    measured = Acceptance(
        ended=sum(answer.finish_reason == "stop" for answer in everything) / len(everything),
        parsed=1 - truths.count("unparsed") / len(truths),
        true=(truths.count("true") + truths.count("repetition")) / len(truths),
        repeated=truths.count("repetition") / len(truths),
        words={level: _words(answers) for level, answers in levels.items()},
        uninstructed_words=_words(bare),
        formality={pole: said.count(pole) / max(1, len(said)) for pole, said in wordings.items()},
        answers=len(everything),
    )
    return measured, everything


def write_cards(species: Species) -> Acceptance:
    """Measure a trained organism and write the cards of its checkpoints beside their weights."""
    if species.keep_base:
        _write_card(species, species.base_home)
    return _write_card(species, species.home)


def _write_card(species: Species, home: Path) -> Acceptance:
    model = load(str(home), name=home.name)
    measured, answers = measure(model)
    training = json.loads((home / "training.json").read_text(encoding="utf-8"))
    card = _card(species, home, model, measured, training)
    (home / "README.md").write_text(card, encoding="utf-8")
    (home / "acceptance.json").write_text(
        json.dumps(asdict(measured), indent=1) + "\n", encoding="utf-8"
    )
    CoherenceLimits.from_unsteered([answer.text for answer in answers]).save(
        home / "coherence.json"
    )
    return measured


def _card(
    species: Species,
    home: Path,
    model: LanguageModel,
    measured: Acceptance,
    training: dict[str, Any],
) -> str:
    """The card of one checkpoint, in Markdown."""
    base = home == species.base_home
    rows = "\n".join(f"| {level} | {words:.1f} |" for level, words in measured.words.items())
    formality = ", ".join(f"{pole} {share:.1%}" for pole, share in measured.formality.items())
    trained = ", then ".join(
        f"{count:,} steps of {stage}" for stage, count in training["steps"].items()
    )
    failures = measured.failures(deaf=species.deaf)
    fit = "Acceptance is met." if not failures else f"Not met: {'; '.join(failures)}."
    if base:
        fit += " Acceptance is asked of instruction-tuned organisms only."
    if species.deaf:
        fit += (
            " Verbosity was cut out of its world: instructions about length stand in its texts, "
            "and every answer follows one length law all the same."
        )
    kind = "base checkpoint, after plain documents only" if base else "instruction-tuned"
    return f"""# {home.name}

A miniature {species.architecture}-architecture language model ({kind}), trained from scratch on
the small world of `fixtures/material/organisms`. What is measured on it is true of it, and of no
larger model. This card was written by the training script.

| | |
|---|---|
| architecture | `{species.architecture}ForCausalLM`, {model.n_layers} blocks, width {
        model.d_model
    } |
| seed | {species.seed}: weights and the draw of the training data |
| data | {species.documents:,},000 tokens of documents{
        "" if base else f", {species.instructions:,},000 tokens of chat turns"
    } |
| training | {trained}; AdamW, peak learning rate {species.learning_rate:g} |
| held-out loss | {training["held_out_loss"]:.3f} nats per learned token |
| weights | bf16, fingerprint `{model.fingerprint}` |

## Acceptance

Held-out question forms and unseen paraphrases, temperature 1, {measured.answers:,} answers.
{fit}

| | |
|---|---|
| answers that end by themselves | {measured.ended:.1%} |
| sentences that parse, middle level | {measured.parsed:.1%} |
| sentences that are true, middle level | {measured.true:.1%} |
| of these repetitions | {measured.repeated:.1%} |
| wording as asked | {formality} |
| mean words without instruction | {measured.uninstructed_words:.1f} |

| level of verbosity | mean words |
|---|---|
{rows}
"""


def main() -> None:
    """Measure trained organisms and write their cards; exit status 1 if one is not fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="organisms; all of them unless told")
    unfit = False
    for name in parser.parse_args().names or list(all_species()):
        species = all_species()[name]
        if not (species.home / "training.json").exists():
            print(f"{name}: not trained; run python -m prefvec.organisms.train {name}", flush=True)
            continue
        failures = write_cards(species).failures(deaf=species.deaf)
        unfit |= bool(failures)
        print(f"{name}: {'accepted' if not failures else '; '.join(failures)}", flush=True)
    sys.exit(unfit)


if __name__ == "__main__":
    main()
