"""Which runtimes are compared, and in which forms of the model each of them runs.

    contenders_of(config, candidates, engines)   the contenders of one cell of the table

A form is how the same network is written down for a runtime:

    plain      what an export of the training code gives: every candidate is a row of a batch, and the history is
               repeated in it
    others     restructured by hand for one user: the extractor, the history's projections and the head's user part
               once, the attention's first layer split into a part of the query, one of the key and one of their
               product. They differ in how the recurrence is written: all steps after each other ("unrolled"), as a
               loop of single steps ("while", "scan", "loop"), or as a loop of several steps ("chunks")

The fastest form of a runtime counts in each cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from network import Config

ANY = 1 << 20


def chunk_of(steps: int, most: int) -> int:
    """The longest chunk of at most so many steps that divides them."""
    return max(size for size in range(1, most + 1) if steps % size == 0)


@dataclass(frozen=True)
class Engine:
    """A runtime: its name in tables, where it comes from, how its models are made and who runs them."""

    key: str
    title: str
    package: str = ""  # on whose version the table tells
    environment: str = ""  # a file of environments/, where the contender runs
    program: str = ""  # a CMake target that is the contender; else python_contender.py is
    maker: str = ""  # the module that writes its models
    maker_environment: str = ""  # where that runs
    maker_uses: tuple[str, ...] = ()  # further modules on which the models depend
    # What a program ships, of the package: a label, and patterns for the libraries.
    libraries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    default: bool = True


ENGINES = {engine.key: engine for engine in (
    Engine("augur", "Augur", program="augur-compare-augur", maker="augur_models"),
    Engine("onnxruntime", "onnxruntime", "onnxruntime", "onnxruntime", "augur-compare-onnxruntime", "onnx_models",
           "onnxruntime", ("onnx_graph",), (("", ("onnxruntime/capi/libonnxruntime.so.*",)),)),
    Engine("litert", "LiteRT", "ai-edge-litert", "litert", "", "litert_models", "tensorflow", (),
           (("C API", ("ai_edge_litert/libLiteRt.so",)),)),
    Engine("executorch", "ExecuTorch", "executorch", "torch", "augur-compare-executorch", "executorch_models",
           "torch", ("torch_model",),
           (("core, XNNPACK", ("executorch/lib/libexecutorch.so", "executorch/lib/libexecutorch_backend_xnnpack.so",
                               "executorch/lib/libexecutorch_threadpool.so")),
            ("its optimised kernels, all of them", ("executorch/lib/libexecutorch_kernels_optimized.so",)))),
    Engine("mnn", "MNN", "mnn", "mnn", "", "mnn_models", "mnn", ("onnx_models", "onnx_graph"),
           (("", ("_mnncengine*.so",)),)),
    Engine("ncnn", "ncnn", "ncnn", "ncnn", "", "ncnn_models", "ncnn", (),
           (("", ("ncnn/ncnn*.so", "ncnn.libs/*.so*")),)),
    Engine("torch", "PyTorch", "torch", "torch", libraries=(
        ("", ("torch/lib/libtorch_cpu.so", "torch/lib/libc10.so", "torch/lib/libtorch_python.so")),)),
    # Not there unless asked for: compiling a model takes minutes of processor time for each N.
    Engine("inductor", "AOTInductor", "torch", "torch", "", "inductor_models", "torch", ("torch_model",),
           default=False),
)}


@dataclass(frozen=True)
class Form:
    """A form of an engine's models, and for which lengths of history it is used."""

    engine: str
    name: str
    kinds: tuple[str, ...] = ("f32",)
    least_steps: int = 1
    most_steps: int = ANY
    any_candidates: bool = False  # one model serves every number of candidates
    ending: str = ""  # of the model's file; "" if there is none


# Unrolled graphs of a thousand steps, and plain ones where a request takes seconds, are left out.
FORMS = (
    Form("augur", "", ("f32", "int8"), any_candidates=True, ending="augur"),
    Form("onnxruntime", "plain", any_candidates=True, ending="onnx"),
    Form("onnxruntime", "scan", ("f32", "int8"), any_candidates=True, ending="onnx"),
    Form("onnxruntime", "unrolled", ("f32", "int8"), most_steps=100, any_candidates=True, ending="onnx"),
    Form("onnxruntime", "fused", ("f32", "int8"), most_steps=100, any_candidates=True, ending="onnx"),
    Form("onnxruntime", "loop", least_steps=101, any_candidates=True, ending="onnx"),
    Form("litert", "plain", most_steps=100, ending="tflite"),
    Form("litert", "while", ("f32", "int8"), ending="tflite"),
    Form("litert", "unrolled", ("f32", "int8"), most_steps=100, ending="tflite"),
    Form("litert", "chunks", ("f32", "int8"), least_steps=101, ending="tflite"),
    Form("executorch", "chunks", ("f32", "int8"), ending="executorch"),
    Form("mnn", "plain", most_steps=100, any_candidates=True, ending="mnn"),
    Form("mnn", "loop", ("f32", "int8"), any_candidates=True, ending="mnn"),
    Form("mnn", "unrolled", ("f32", "int8"), most_steps=100, any_candidates=True, ending="mnn"),
    Form("ncnn", "unrolled", ending="param"),
    Form("torch", "plain", most_steps=100),
    Form("torch", "eager"),
    Form("inductor", "", most_steps=100, ending="pt2"),
)


@dataclass(frozen=True)
class Contender:
    """One runtime with one form of the model, for one cell of the table."""

    form: Form
    kind: str  # "f32" or "int8"
    config: Config
    candidates: int

    @property
    def engine(self) -> Engine:
        """The runtime."""
        return ENGINES[self.form.engine]

    @property
    def plain(self) -> bool:
        """Whether the history is repeated for each candidate."""
        return self.form.name == "plain"

    @property
    def name(self) -> str:
        """Such as "LiteRT int8 unrolled"."""
        return " ".join(part for part in (self.engine.title, self.kind, self.form.name) if part)

    @property
    def model(self) -> str:
        """The file name of its model, or "" if it has none."""
        if not self.form.ending:
            return ""
        count = [] if self.form.any_candidates else [f"n{self.candidates}"]
        return "-".join([self.config.name, *count, *self.form.name.split(), self.kind]) + "." + self.form.ending


def contenders_of(config: Config, candidates: int, engines: Iterable[str]) -> list[Contender]:
    """All forms of the engines that are used for this configuration."""
    chosen = set(engines)
    return [Contender(form, kind, config, candidates) for form in FORMS for kind in form.kinds
            if form.engine in chosen and form.least_steps <= config.steps <= form.most_steps]
