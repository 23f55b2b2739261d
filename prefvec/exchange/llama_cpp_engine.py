"""A GGUF model in llama.cpp itself, in this process, under a control vector or under none.

What llama.cpp's programs do with `--control-vector FILE` and `--control-vector-layer-range A B` is
done here through llama-cpp-python (`pip install prefvec[llamacpp]`; verified with 0.3.36), so that
what an exported file does there can be compared with what was measured here.

A build for this very processor may use instructions that a virtual machine names and forbids (AMX),
and ends Python at the first token of a quantised model; `CMAKE_ARGS=-DGGML_NATIVE=OFF` before
`pip install` builds without them.
"""

import ctypes
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prefvec.errors import PrefvecError
from prefvec.exchange.gguf_file import read_gguf
from prefvec.exchange.llama_cpp_rules import block_of, refusals

_FLOAT32 = 0
"""What ggml calls it; llama.cpp keeps keys and values in half precision unless told otherwise."""


class LlamaCpp:
    """A model that llama.cpp holds; `opened` makes one.

    Its one row is read from the front by `logits`, and goes on by `next_logits`.

    Args:
        llama: of the class `llama_cpp.Llama`.
        library: the module `llama_cpp`.
    """

    def __init__(self, llama: Any, library: Any) -> None:
        self._llama = llama
        self._library = library
        self.d_model: int = llama.n_embd()
        self.n_layers: int = library.llama_model_n_layer(llama.model)

    def logits(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Logits of what follows a text, shape (vocabulary,).

        Args:
            ids: its tokens, special ones included; at most as many as the context holds.
        """
        self._llama.reset()
        return self.next_logits(ids)

    def next_logits(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """The same after more tokens of the row that `logits` began, shape (vocabulary,)."""
        self._llama.eval(list(ids))
        last = self._library.llama_get_logits_ith(self._llama.ctx, -1)
        return np.ctypeslib.as_array(last, shape=(self._llama.n_vocab(),)).copy()

    @contextmanager
    def controlled(
        self, path: Path, *, scale: float = 1.0, blocks: tuple[int, int] | None = None
    ) -> Generator[None]:
        """Add a control vector at every token, as llama.cpp's programs do.

        Args:
            path: a GGUF file of tensors `direction.N`.
            scale: what they are multiplied by.
            blocks: the first and the last block that they are added to; all when None.

        Raises:
            PrefvecError: if llama.cpp would refuse the file, or does not take it.
        """
        reasons = refusals(path, d_model=self.d_model)
        if reasons:
            raise PrefvecError(f"{path} is no control vector that llama.cpp takes. {reasons[0]}")
        data = np.zeros((self.n_layers - 1, self.d_model), dtype=np.float32)
        for tensor in read_gguf(path).tensors:
            block = block_of(tensor.name)
            if block is not None and block < self.n_layers and tensor.values is not None:
                data[block - 1] += np.float32(scale) * tensor.values
        first, last = blocks or (1, self.n_layers - 1)
        pointer = data.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._set(pointer, data.size, first, last)
        try:
            yield
        finally:
            self._set(None, 0, 0, 0)

    def _set(self, data: Any, length: int, first: int, last: int) -> None:
        status = self._library.llama_set_adapter_cvec(
            self._llama.ctx, data, length, self.d_model, first, last
        )
        if status != 0:
            raise PrefvecError(
                f"llama.cpp did not take the control vector (status {status}), and adds nothing. "
                "Look whether its version adds control vectors to this architecture."
            )


@contextmanager
def opened(path: str | Path, *, n_ctx: int = 1024, n_threads: int = 1) -> Generator[LlamaCpp]:
    """A GGUF file's model in llama.cpp, on the processor, with keys and values in float32.

    Args:
        path: of the model's file.
        n_ctx: tokens that a row may have.
        n_threads: of the processor.

    Raises:
        PrefvecError: if llama-cpp-python is not installed, or cannot load the file.
    """
    try:
        library = import_module("llama_cpp")
    except ImportError as error:
        raise PrefvecError(
            "llama.cpp is not there to be run. Install it by `pip install prefvec[llamacpp]`, "
            "which compiles it and takes some minutes."
        ) from error
    try:
        llama = library.Llama(
            model_path=str(path),
            n_ctx=n_ctx,
            n_threads=n_threads,
            n_threads_batch=n_threads,
            n_gpu_layers=0,
            type_k=_FLOAT32,
            type_v=_FLOAT32,
            verbose=False,
        )
    except (ValueError, RuntimeError) as error:
        raise PrefvecError(
            f"llama.cpp does not load {path} ({error}). Look whether the file is whole, and of an "
            "architecture that its version knows."
        ) from error
    try:
        yield LlamaCpp(llama, library)
    finally:
        llama.close()
