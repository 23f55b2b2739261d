"""What was measured before, kept in files beside the completions.

A measurement is a function of the code, the libraries, the settings, what is put to the models
and the models themselves. When all of these are what they were, so is the result, and it is read
from its file; when any of them differs, everything is measured again, from kept answers where
those still hold.
"""

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

from prefvec.experiments.lab import Lab
from prefvec.experiments.strangers import described
from prefvec.provenance import code_fingerprints, versions
from prefvec.text.traits import Trait
from prefvec.whole_files import write_whole

T = TypeVar("T")


class Memory:
    """Looks results up by what was asked, and by the models that were asked.

    The files are pickles: like the store of answers, they belong to one user and are not to be
    exchanged.

    Args:
        lab: whose settings, prompts and models the results depend on.

    Attributes:
        lab: the same.
        found: how many results were there.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.found = 0
        self._folder = lab.options.store.parent / "measured"
        self._circumstances = [code_fingerprints(), versions(), *_asked(lab)]

    def has(self, what: Sequence[object], models: Sequence[str]) -> bool:
        """Whether there is a result, of these models as they are or as they once were."""
        return self._path(what, models).exists()

    def recall(
        self,
        what: Sequence[object],
        models: Sequence[str],
        measure: Callable[[], T],
        *,
        keep: Callable[[T], bool] = lambda _: True,
    ) -> T:
        """What `measure` returns, from the file of an earlier call where there is one.

        Args:
            what: what is asked; told apart by its representation as text.
            models: every model that the result is about.
            measure: measures it.
            keep: whether the result would be the same another time.

        Raises:
            ModelMissingError: if a model cannot be had.
        """
        path, shelf = self._path(what, models), self.lab.models
        identities = [shelf.identity(name) for name in dict.fromkeys(models)]
        if path.exists():
            try:
                of, result = pickle.loads(path.read_bytes())
            except Exception:  # a file cut off fails in any way it likes
                of, result = None, None
            if of == identities:
                self.found += 1
                return cast(T, result)
        result = measure()
        if keep(result):
            write_whole(pickle.dumps((identities, result)), path)
        return result

    def _path(self, what: Sequence[object], models: Sequence[str]) -> Path:
        asked = [*self._circumstances, [repr(each) for each in what], list(models)]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.pickle"


def _asked(lab: Lab) -> list[object]:
    """The settings that decide a result, and all that is put to the models."""
    options, material = lab.options, lab.material
    return [
        [options.device, options.dtype, options.samples, options.max_new_tokens, options.seed],
        [options.control_samples, options.n_controls, options.quick, options.writer],
        [
            [split, *([p.id, p.text, p.topic, p.instruction] for p in prompts)]
            for split, prompts in material.splits.items()
        ],
        [options.judge, options.judge_model, options.second_judge_model],
        *([] if options.vector is None else [described(options)]),
        material.trait.name,
        [_trait(trait) for trait in material.traits.values()],
    ]


def _trait(trait: Trait) -> list[object]:
    measure = trait.measure
    return [
        trait.name,
        [[pole.name, pole.extraction, pole.held_out] for pole in (trait.positive, trait.negative)],
        [
            measure.name,
            measure.what,
            measure.up,
            measure.down,
            measure.form,
            measure.sign,
            measure.code,
        ],
        [trait.read, trait.smallest_effect, repr(trait.rubrics)],
    ]
