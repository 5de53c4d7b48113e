"""Writes ONNX graphs: each call adds one operator and returns the name of its output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from network import Array
from onnx import TensorProto, helper, numpy_helper

DYNAMIC = "com.microsoft"  # the domain of onnxruntime's own operators


class Graph:
    """A graph of operators of opset 16; of onnxruntime's own domain where asked for."""

    def __init__(self, name: str):
        self._name = name
        self._nodes: list[Any] = []
        self._constants: dict[Any, tuple[str, Array]] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._quantised: dict[str, list[str]] = {}

    def input(self, name: str, shape: Sequence[int | str] | None, kind: int = TensorProto.FLOAT) -> str:
        """An input; a string in the shape is a size that is known only at run time."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, shape: Sequence[int | str] | None,
               kind: int = TensorProto.FLOAT) -> None:
        """Makes a value an output of that name."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: Array) -> str:
        """A constant; equal ones are stored once."""
        array = np.array(array, order="C")  # ascontiguousarray() makes one axis of none
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = (f"{self._name}_c{len(self._constants)}", array)
        return self._constants[key][0]

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """An operator with one output."""
        return self.ops(kind, *inputs, outputs=1, domain=domain, **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        """An operator with several outputs."""
        names = [f"{self._name}_{kind}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def split(self, value: str, sizes: Sequence[int], axis: int) -> list[str]:
        """The parts of a value, of these sizes along an axis."""
        return self.ops("Split", value, self.constant(np.array(sizes, np.int64)), outputs=len(sizes), axis=axis)

    def rows(self, value: str, count: int) -> list[str]:
        """The slices along the first axis, without that axis."""
        axis = self.constant(np.array([0], np.int64))
        return [self.op("Squeeze", part, axis) for part in self.split(value, [1] * count, 0)]

    def reshape(self, value: str, *shape: int) -> str:
        """The same numbers in another shape."""
        return self.op("Reshape", value, self.constant(np.array(shape, np.int64)))

    def unsqueeze(self, value: str, axis: int) -> str:
        """One more axis, of size 1."""
        return self.op("Unsqueeze", value, self.constant(np.array([axis], np.int64)))

    def sum(self, value: str, axis: int, keep: bool) -> str:
        """The sum along an axis."""
        return self.op("ReduceSum", value, self.constant(np.array([axis], np.int64)), keepdims=int(keep))

    def scan(self, body: Graph, state: str, sequences: Sequence[str]) -> str:
        """The final state of a Scan over the first axis of the sequences."""
        return self.op("Scan", state, *sequences, body=body.finished(), num_scan_inputs=len(sequences))

    def loop(self, body: Graph, state: str, count: int) -> str:
        """The final state of a Loop, whose body has the inputs iteration, condition and state."""
        return self.op("Loop", self.constant(np.array(count, np.int64)), self.constant(np.array(True)), state,
                       body=body.finished())

    def linear(self, x: str, weight: Array, bias: Array | None = None, int8: bool = False) -> str:
        """Multiplies x [.., inputs] with the transpose of a weight [outputs, inputs].

        In f32; or with int8 weights, a scale for each output, and activations that are quantised in each call.
        """
        if int8 and weight.shape[0] > 1:
            return self._linear_int8(x, weight, None if bias is None else self.constant(bias))
        product = self.op("MatMul", x, self.constant(weight.T))
        return product if bias is None else self.op("Add", product, self.constant(bias))

    def gemm(self, x: str, weight: Array, bias: str, int8: bool = False) -> str:
        """The same for x [rows, inputs], with a bias that may be computed."""
        if int8:
            return self._linear_int8(x, weight, bias)
        return self.op("Gemm", x, self.constant(weight), bias, transB=1)

    def _linear_int8(self, x: str, weight: Array, bias: str | None) -> str:
        if x not in self._quantised:
            self._quantised[x] = self.ops("DynamicQuantizeLinear", x, outputs=3)
        value, scale, zero = self._quantised[x]
        scales = (np.abs(weight).max(axis=1) / 127).astype(np.float32)
        quantised = np.clip(np.round(weight / scales[:, None]), -127, 127).astype(np.int8)
        inputs = [value, self.constant(quantised.T), scale, self.constant(scales), zero,
                  self.constant(np.zeros((), np.int8))]
        return self.op("MatMulIntegerToFloat", *inputs, *([] if bias is None else [bias]), domain=DYNAMIC)

    def finished(self) -> Any:
        """The graph as ONNX has it."""
        constants = [numpy_helper.from_array(array, name) for name, array in self._constants.values()]
        return helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, constants)

    def save(self, path: str) -> None:
        """Writes the model."""
        model = helper.make_model(self.finished(), opset_imports=[
            helper.make_opsetid("", 16), helper.make_opsetid(DYNAMIC, 1)])
        model.ir_version = 8
        onnx.save(model, path)
