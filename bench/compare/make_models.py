#!/usr/bin/env python3
"""Writes the compared models, one request and its float64 answers into a folder.

    make_models.py FOLDER AUGUR_CONVERT

For each case: NAME.safetensors and NAME.json (converted to NAME.f32.augur and NAME.int8.augur),
NAME.plain.onnx, NAME.FORM.f32.onnx, NAME.FORM.int8.onnx, NAME.pt. cases.json names them all.
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "converter", "python"))

import augur_model  # noqa: E402
import network  # noqa: E402
import onnx_models  # noqa: E402
import torch_model  # noqa: E402
from augur_rank.files import safetensors_file  # noqa: E402

STEPS, CANDIDATES, SEED = 100, 500, 1
AUGUR_TYPES = ("f32", "int8")
CASES = [network.Config(attention, hidden, STEPS)
         for hidden in (36, 64, 128) for attention in ("mlp", "bilinear")]


def make_case(config: network.Config, folder: str, convert: str) -> dict:
    path = lambda ending: os.path.join(folder, f"{config.name}.{ending}")
    weights = network.random_weights(config, SEED)
    request = network.random_request(config, CANDIDATES, SEED)
    safetensors_file.save(path("safetensors"), weights, {})
    with open(path("json"), "w", encoding="utf-8") as file:
        json.dump(augur_model.description(config), file, indent=1)
    contenders = []
    for kind in AUGUR_TYPES:
        subprocess.run([convert, "--weights", path("safetensors"), "--model", path("json"),
                        "--weights-type", kind, "--embeddings", kind,
                        "--out", path(f"{kind}.augur")], check=True, stdout=subprocess.DEVNULL)
        contenders.append({"name": f"augur {kind}", "engine": "augur", "file": path(f"{kind}.augur")})
    onnx_models.plain(config, weights, path("plain.onnx"))
    contenders.append({"name": "ort plain f32", "engine": "onnxruntime", "repeat_history": True,
                       "file": path("plain.onnx")})
    for form in onnx_models.FORMS:
        for kind in ("f32", "int8"):
            if kind == "int8" and form == "gates":
                continue  # its Gemm has no quantised counterpart that takes a C
            file = path(f"{form}.{kind}.onnx")
            onnx_models.restructured(config, weights, file, form, kind == "int8")
            contenders.append({"name": f"ort {form} {kind}", "engine": "onnxruntime", "file": file})
    torch_model.save(config, weights, path("pt"))
    contenders.append({"name": "torch f32", "engine": "torch", "file": path("pt")})
    return {
        "name": config.name, "attention": config.attention, "hidden": config.hidden,
        "steps": config.steps, "contenders": contenders,
        "request": {
            "user": request.user,
            "history_item": request.history_item.tolist(),
            "history_category": request.history_category.tolist(),
            "item": request.item.tolist(), "category": request.category.tolist(),
        },
        "logits": network.logits(config, weights, request).tolist(),
    }


def main() -> None:
    folder, convert = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    cases = [make_case(config, folder, convert) for config in CASES]
    with open(os.path.join(folder, "cases.json"), "w", encoding="utf-8") as file:
        json.dump(cases, file)


if __name__ == "__main__":
    main()
