"""Writes ONNX graphs: each call adds one operator and returns the name of its output."""

from typing import List, Optional, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """A graph of operators of opset 13; of onnxruntime's own domain (com.microsoft) where asked for."""

    def __init__(self, name: str):
        self._name, self._nodes, self._constants = name, [], {}
        self._inputs, self._outputs, self._count = [], [], 0

    def input(self, name: str, shape: Sequence) -> str:
        """An input of int64 ids; a string in the shape is a size that is known only at run time."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, shape))
        return name

    def output(self, value: str, name: str, shape: Sequence) -> None:
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, array: np.ndarray) -> str:
        array = np.ascontiguousarray(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = (f"c{len(self._constants)}", array)
        return self._constants[key][0]

    def op(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes):
        self._count += 1
        names = [f"{kind}_{self._count}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def split(self, value: str, sizes: Sequence[int], axis: int) -> List[str]:
        return self.op("Split", value, self.constant(np.array(sizes, np.int64)),
                       outputs=len(sizes), axis=axis)

    def reshape(self, value: str, *shape: int) -> str:
        return self.op("Reshape", value, self.constant(np.array(shape, np.int64)))

    def unsqueeze(self, value: str, axis: int) -> str:
        return self.op("Unsqueeze", value, self.constant(np.array([axis], np.int64)))

    def sum(self, value: str, axis: int, keep: bool) -> str:
        axes = self.constant(np.array([axis], np.int64))
        return self.op("ReduceSum", value, axes, keepdims=int(keep))

    def scan(self, body: "Graph", states: Sequence[str], sequences: Sequence[str],
             axes: Sequence[int]) -> str:
        """A Scan. The body's first inputs and outputs are its states; returns the one final state."""
        self._count += 1
        name = f"Scan_{self._count}"
        self._nodes.append(helper.make_node(
            "Scan", [*states, *sequences], [name], body=body._graph(),
            num_scan_inputs=len(sequences), scan_input_axes=list(axes)))
        return name

    def float_input(self, name: str, shape: Sequence) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def _graph(self):
        constants = [numpy_helper.from_array(array, name)
                     for name, array in self._constants.values()]
        return helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, constants)

    def save(self, path: str) -> None:
        model = helper.make_model(self._graph(), opset_imports=[
            helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)])
        model.ir_version = 7
        onnx.save(model, path)


class Linear:
    """x [.., inputs] times the transpose of a weight [outputs, inputs]. In f32, or with `int8` by
    onnxruntime's DynamicQuantizeMatMul: int8 weights with a scale for each output, activations quantised
    in each call."""

    def __init__(self, int8: bool):
        self._int8 = int8

    def __call__(self, graph: Graph, x: str, weight: np.ndarray,
                 bias: Optional[np.ndarray] = None) -> str:
        if self._int8 and weight.shape[0] > 1:
            scale = np.abs(weight).max(axis=1) / 127
            quantised = np.clip(np.round(weight / scale[:, None]), -127, 127).astype(np.int8)
            inputs = [x, graph.constant(quantised.T), graph.constant(scale.astype(np.float32)),
                      graph.constant(np.zeros(len(scale), np.int8))]
            if bias is not None:
                inputs.append(graph.constant(bias))
            return graph.op("DynamicQuantizeMatMul", *inputs, domain="com.microsoft")
        product = graph.op("MatMul", x, graph.constant(weight.T))
        return product if bias is None else graph.op("Add", product, graph.constant(bias))
