"""Files for the tests, written by the tools themselves.

`python -m tests.exchange.written_by_others`, run once in an environment with repeng 0.4.0, dialz
1.1.4, saklas 5.3.0 and steering-vectors 0.12.2; `--sources DIR` is a folder with
`easysteer_utils.py` (easysteer/steer/utils.py of ZJU-REAL/EasySteer at 312c6d8) and
`jukofyork_model_handler.py` (model_handler.py of jukofyork/control-vectors at 27ed65f).
llama.cpp's generator is a program: its layout (`export_gguf` of tools/cvector-generator) is written
here by the library gguf. The model that they are for has 3 blocks, 32 wide, and the type "llama".
"""

import argparse
import importlib
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

FILES = Path(__file__).parent / "files"
D_MODEL, N_LAYERS = 32, 3


def numbers(n: int) -> np.ndarray:
    """What stands in tensor n of every file: float32, the same on every machine."""
    return np.random.default_rng(n).standard_normal(D_MODEL).astype(np.float32)


def directions(first: int, beyond: int) -> dict[int, np.ndarray]:
    """Tensors by number."""
    return {n: numbers(n) for n in range(first, beyond)}


def repeng() -> None:
    """`ControlVector.export_gguf`; its hidden_layers are −1 to −(n − 1)."""
    np.float_ = np.float64  # what repeng 0.4.0 names is gone from numpy 2
    written: Any = importlib.import_module("repeng")
    written.ControlVector(model_type="llama", directions=directions(1, N_LAYERS)).export_gguf(
        FILES / "repeng.gguf"
    )


def dialz() -> None:
    """`SteeringVector.export_gguf`, likewise."""
    written: Any = importlib.import_module("dialz.vector")
    written.SteeringVector(model_type="llama", directions=directions(1, N_LAYERS)).export_gguf(
        FILES / "dialz.gguf"
    )


def saklas() -> None:
    """`write_gguf_profile`, every block."""
    written: Any = importlib.import_module("saklas.io.gguf_io")
    profile = {n: torch.from_numpy(each) for n, each in directions(0, N_LAYERS).items()}
    written.write_gguf_profile(profile, FILES / "saklas.gguf", model_hint="llama")


def steering_vectors() -> None:
    """A `SteeringVector`: pickled, as people do, and its fields alone."""
    written: Any = importlib.import_module("steering_vectors")
    vector = written.SteeringVector(
        layer_activations={n: torch.from_numpy(e) for n, e in directions(0, N_LAYERS).items()}
    )
    torch.save(vector, FILES / "steering-vectors-pickled.pt")
    torch.save(vars(vector), FILES / "steering-vectors.pt")


def easysteer(sources: Path) -> None:
    """`StatisticalControlVector.export_gguf`, every block."""
    written = _module(sources / "easysteer_utils.py")
    written.StatisticalControlVector(
        method="diffmean",
        directions=directions(0, N_LAYERS),
        model_type="llama",
    ).export_gguf(FILES / "easysteer.gguf")


def jukofyork(sources: Path) -> None:
    """`ModelHandler.export_gguf`: a matrix for each block, the first of them skipped."""
    written = _module(sources / "jukofyork_model_handler.py")
    model = SimpleNamespace(get_model_type=lambda: "llama", get_num_layers=lambda: N_LAYERS)
    matrices = [None, *(torch.from_numpy(numbers(n))[None] for n in (2, 3))]
    written.ModelHandler.export_gguf(model, matrices, str(FILES / "jukofyork.gguf"))


def cvector_generator() -> None:
    """`export_gguf` of llama.cpp's cvector-generator: a tensor for every block but the last."""
    gguf: Any = importlib.import_module("gguf")
    writer = gguf.GGUFWriter(FILES / "cvector-generator.gguf", "controlvector")
    writer.add_string("controlvector.model_hint", "llama")
    writer.add_int32("controlvector.layer_count", N_LAYERS - 1)
    for n, each in directions(1, N_LAYERS).items():
        writer.add_tensor(f"direction.{n}", each)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def lm_eval() -> None:
    """What the docstring of `SteeredModel` asks for; lm-evaluation-harness writes no such file."""
    entry = {"action": "add", "bias": None, "head_index": None, "steering_coefficient": 2.0}
    torch.save(
        {"layers.1": {"steering_vector": torch.from_numpy(numbers(1)), **entry}},
        FILES / "lm-eval.pt",
    )


def hidden_states() -> None:
    """Rows by hidden state, as persona vectors are kept."""
    torch.save(torch.from_numpy(np.stack([numbers(n) for n in range(4)])), FILES / "rows.pt")


def easyedit2() -> None:
    """What `apply_caa` loads: a block's list of numbers, under the block's name."""
    torch.save(torch.from_numpy(numbers(1)), FILES / "layer_1.pt")


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Write them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, required=True)
    sources = parser.parse_args().sources
    FILES.mkdir(exist_ok=True)
    for write in (repeng, dialz, saklas, steering_vectors, cvector_generator, lm_eval):
        write()
    hidden_states()
    easyedit2()
    easysteer(sources)
    jukofyork(sources)


if __name__ == "__main__":
    main()
