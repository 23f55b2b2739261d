"""A folder that holds an adapter of PEFT: its base model, and the two merged."""

import importlib
import importlib.util
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from prefvec.errors import PrefvecError
from prefvec.models.fingerprints import network_fingerprint, sha256_of
from prefvec.models.places import require_large_files

_CONFIG = "adapter_config.json"
_WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, kw_only=True)
class PeftFolder:
    """An adapter and the model it was trained on.

    Attributes:
        path: the folder.
        kind: of the adapter, e.g. "LORA".
        base: the base model: a path or a hub id.
        revision: of a base on the hub, or None.
    """

    path: Path
    kind: str
    base: str
    revision: str | None

    @classmethod
    def at(cls, name: str) -> "PeftFolder | None":
        """The adapter in a folder; None if it is no adapter, or a whole checkpoint as well.

        Raises:
            PrefvecError: if its config does not name a base, its weights are missing or pickled,
                a file is a Git-LFS pointer, or the library peft is missing.
        """
        path = Path(name).expanduser()
        if not (path / _CONFIG).is_file() or (path / "config.json").exists():
            return None
        require_large_files(path)
        try:
            config: dict[str, Any] = json.loads((path / _CONFIG).read_text(encoding="utf-8"))
            base = config["base_model_name_or_path"]
            if not (isinstance(base, str) and base):
                raise ValueError("base_model_name_or_path is empty")
        except (ValueError, KeyError, TypeError) as error:
            raise PrefvecError(
                f"{path / _CONFIG} names no base model ({error}), so nothing can be said of what "
                "the adapter adapts. Write the base into base_model_name_or_path."
            ) from error
        if not (path / _WEIGHTS).is_file():
            raise PrefvecError(
                f"{path} is a PEFT adapter without {_WEIGHTS}. Pickled adapters are not read, "
                "since unpickling runs code: save it again by `save_pretrained`, which writes "
                "safetensors."
            )
        if importlib.util.find_spec("peft") is None:
            raise PrefvecError(
                f"{path} is a PEFT adapter, and the library peft, which merges it into its base, "
                "is not installed. Run `pip install 'prefvec[peft]'`."
            )
        beside = path / base
        found = str(beside) if beside.is_dir() and not Path(base).is_dir() else base
        kind = str(config.get("peft_type") or "PEFT")
        return cls(path=path, kind=kind, base=found, revision=config.get("revision"))

    def without_base(self, reason: str) -> PrefvecError:
        """What is said where the base cannot be had."""
        return PrefvecError(
            f"{self.path} is a PEFT adapter of {self.base}, and without that base it is no model. "
            f"{reason}"
        )

    def merged(
        self, base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, base_made_of: str | None
    ) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str]:
        """The base with the adapter merged into its weights, a tokenizer, and what it is made of.

        The tokenizer is that of the adapter's folder, if it holds one.

        Raises:
            PrefvecError: if the adapter does not fit the base, or cannot be merged.
        """
        of = f"{self.base} (weights {network_fingerprint(base)})"
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what peft asks transformers by its older names
                peft: Any = importlib.import_module("peft")
                adapted = peft.PeftModel.from_pretrained(base, str(self.path))
                network: Any = adapted.merge_and_unload(safe_merge=True)
            if (self.path / "tokenizer_config.json").is_file():
                tokenizer = AutoTokenizer.from_pretrained(
                    self.path, config=base.config, trust_remote_code=False
                )
        except Exception as error:
            text = " ".join(str(error).split())[:300]
            raise PrefvecError(
                f"The {self.kind} adapter in {self.path} cannot be merged into {self.base} "
                f"({type(error).__name__}: {text}). Merge it where it was trained, and give the "
                "folder of the merged model."
            ) from error
        digest = sha256_of([self.path / _CONFIG, self.path / _WEIGHTS])[:16]
        made_of = f"{self.kind} adapter {digest} merged into {of}"
        return network, tokenizer, made_of if base_made_of is None else f"{made_of}: {base_made_of}"
