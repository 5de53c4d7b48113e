#!/usr/bin/env python3
"""One contender that runs in Python: LiteRT, MNN, ncnn or PyTorch. contender.h describes what it reads and writes.

    python_contender.py ENGINE FORM MODEL INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK

Only the call that computes is timed; inputs lie in the runtime's own tensors already, where it has such.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from network import USER_WIDTH, Array, Config

Runner = tuple[Callable[[], object], Callable[[], Array]]  # computes; the last answer


def read_inputs(path: str, config: Config, count: int) -> tuple[dict[str, Array], Array]:
    """The vectors, and the expected scores."""
    with open(path, "rb") as file:
        data = file.read()
    ids, numbers = 1 + 2 * (config.steps + count), (config.steps + count) * config.hidden + USER_WIDTH
    floats = np.frombuffer(data, np.float32, numbers, ids * 8)
    history, candidates, user = np.split(floats, [config.steps * config.hidden, numbers - USER_WIDTH])
    inputs = {"hist": history.reshape(config.steps, -1), "cand": candidates.reshape(count, -1), "user": user[None]}
    return inputs, np.frombuffer(data, np.float64, count, ids * 8 + numbers * 4)


def run_litert(model: str, inputs: dict[str, Array]) -> Runner:
    """The Interpreter with its default delegate, which is XNNPACK."""
    from ai_edge_litert.interpreter import Interpreter

    watch()
    interpreter = Interpreter(model_path=model, num_threads=1)
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        name = next(name for name in inputs if name in detail["name"])
        interpreter.set_tensor(detail["index"], inputs[name])
    output = interpreter.get_output_details()[0]["index"]
    return interpreter._interpreter.Invoke, lambda: interpreter.get_tensor(output)


def run_mnn(model: str, inputs: dict[str, Array]) -> Runner:
    """A Module on the processor; int8 weights are kept as such where it can ("low" memory)."""
    import MNN.expr
    import MNN.nn

    watch()
    manager = MNN.nn.create_runtime_manager(({"backend": 0, "numThread": 1, "precision": "normal",
                                              "memory": "low" if "int8" in model else "normal"},))
    module = MNN.nn.load_module_from_file(model, list(inputs), ["y"], runtime_manager=manager)
    values = [MNN.expr.const(value.copy(), list(value.shape), MNN.expr.NCHW) for value in inputs.values()]
    found: list[Any] = []

    def run() -> None:
        found[:] = module.onForward(values)

    return run, lambda: np.array(found[0].read())


def run_ncnn(model: str, inputs: dict[str, Array]) -> Runner:
    """A new extractor for each request, as ncnn has it, with pools of memory that are kept."""
    import ncnn

    watch()
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
        setattr(net.opt, option, False)
    blobs, workspace = ncnn.UnlockedPoolAllocator(), ncnn.UnlockedPoolAllocator()
    blobs.set_size_compare_ratio(0.0)
    net.opt.blob_allocator, net.opt.workspace_allocator = blobs, workspace
    net.load_param(model)
    net.load_model(model.removesuffix("param") + "bin")
    values = {name: ncnn.Mat(value).clone() for name, value in inputs.items()}
    output = net.output_names()[0]
    found = [None, blobs, workspace]

    def run() -> None:
        extractor = net.create_extractor()
        for name, value in values.items():
            extractor.input(name, value)
        found[0] = extractor.extract(output)[1]

    return run, lambda: np.array(found[0])


def run_torch(plain: bool, model: str, inputs: dict[str, Array], config: Config) -> Runner:
    """The module, eager; or, if there is a model, its AOTInductor package."""
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    values = [torch.from_numpy(value.copy()) for value in inputs.values()]
    found: list[torch.Tensor] = []
    if model:
        import torch._inductor

        watch()
        package = torch._inductor.aoti_load_package(model, run_single_threaded=True)

        def run() -> None:
            found[:] = package.loader.run(values)
    else:
        import torch_model

        watch()
        module = (torch_model.Plain if plain else torch_model.Restructured)(config)

        def run() -> None:
            with torch.inference_mode():
                found[:] = [module(*values)]

    return run, lambda: found[0].numpy()


def memory_kb(name: str) -> int:
    """VmRSS or VmHWM of this process."""
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))


before = 0


def watch() -> None:
    """The runtime is loaded and the model is not: memory grows from here."""
    global before
    gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")  # forget the highest use of memory so far
    before = memory_kb("VmRSS")


def main() -> None:
    """Loads the model, checks its answer, then measures each time it is told to."""
    engine, form, model, path, attention, *sizes, clock = sys.argv[1:]
    hidden, steps, count = map(int, sizes)
    config = Config(attention, hidden, steps)
    inputs, expected = read_inputs(path, config, count)
    if form == "plain":
        inputs["hist"] = np.ascontiguousarray(np.broadcast_to(inputs["hist"], (count, steps, hidden)))
        inputs["user"] = np.ascontiguousarray(np.broadcast_to(inputs["user"], (count, USER_WIDTH)))
    makers: dict[str, Callable[[], Runner]] = {
        "litert": lambda: run_litert(model, inputs), "mnn": lambda: run_mnn(model, inputs),
        "ncnn": lambda: run_ncnn(model, inputs),
        "torch": lambda: run_torch(form == "plain", "", inputs, config),
        "inductor": lambda: run_torch(False, model, inputs, config)}
    run, answer = makers[engine]()
    made = memory_kb("VmRSS") - before
    run()
    error = np.abs(answer().reshape(-1).astype(np.float64) - expected).max()
    for _ in range(3):
        run()
    print(f"ready {error:.3e} {made} {memory_kb('VmHWM') - before}", flush=True)
    gc.disable()
    now = time.thread_time_ns if clock == "thread" else time.perf_counter_ns
    for line in sys.stdin:
        command, *limits = line.split()
        if command != "measure":
            break
        requests, least, most = limits
        found = measure(run, now, int(requests), float(least) * 1e9, float(most) * 1e9)
        print("times", *found, flush=True)


def measure(run: Callable[[], object], now: Callable[[], int], requests: int, least: float,
            most: float) -> tuple[float, float, int]:
    """The median and the least of the times of some requests in microseconds, and how many they were."""
    run()
    times: list[int] = []
    begin = last = now()
    while len(times) < 3 or (last - begin < most and (len(times) < requests or last - begin < least)):
        run()
        end = now()
        times.append(end - last)
        last = end
    times.sort()
    return times[len(times) // 2] / 1e3, times[0] / 1e3, len(times)


if __name__ == "__main__":
    main()
