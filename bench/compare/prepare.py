"""Makes what a comparison needs: Python environments, programs, models and requests. What was made is used again."""

from __future__ import annotations

import glob
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import network
import numpy as np
from contenders import ENGINES, Contender, Engine
from make_models import missing
from network import Config

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(ROOT, "build", "compare")
BUILD = os.path.join(ROOT, "build", "host")
ENVIRONMENTS = os.path.join(HERE, "environments")
CACHE = os.path.join(os.environ.get("AUGUR_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "augur"), "compare")

# onnxruntime's package has no headers. Newer libraries serve the older interface that this one asks for.
HEADER_PACKAGE = "o/onnxruntime/libonnxruntime-dev_1.21.0+dfsg-1_amd64.deb"
HEADER_SHA256 = "14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08"


@dataclass
class Prepared:
    """What is ready, and why the rest is not."""

    pythons: dict[str, str] = field(default_factory=dict)  # by environment
    engines: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def say(text: str) -> None:
    """Tells how far it is."""
    print(text, flush=True)


def run(command: Sequence[str], log: str, **named: str) -> str | None:
    """Runs a command with its output into a log. Returns None, or the last line of it if the command fails."""
    os.makedirs(os.path.join(WORK, "logs"), exist_ok=True)
    path = os.path.join(WORK, "logs", log + ".log")
    with open(path, "w", encoding="utf-8") as file:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                              env={**os.environ, "OMP_NUM_THREADS": "1", **named})
    if done.returncode == 0:
        return None
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().splitlines()
    return f"{lines[-1] if lines else 'no message'} ({os.path.relpath(path, ROOT)})"


def version(engine: Engine) -> str:
    """The version that the engine's environment pins."""
    if not engine.package:
        return ""
    with open(os.path.join(ENVIRONMENTS, engine.environment + ".txt"), encoding="utf-8") as file:
        found = re.search(rf"^{re.escape(engine.package)}==(\S+)$", file.read(), re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def site_packages(python: str) -> str:
    """The folder of an environment's packages."""
    return glob.glob(os.path.join(os.path.dirname(os.path.dirname(python)), "lib", "python3*", "site-packages"))[0]


def environments(prepared: Prepared, engines: Iterable[str]) -> None:
    """Makes the environments; an engine whose packages cannot be installed is left out."""
    failed: dict[str, str] = {}
    for engine in (ENGINES[key] for key in engines):
        for name in filter(None, dict.fromkeys((engine.environment, engine.maker_environment))):
            if name in prepared.pythons or name in failed:
                continue
            say(f"environment {name}")
            done = subprocess.run(["sh", os.path.join(ROOT, "scripts", "python-env.sh"),
                                   os.path.join(ENVIRONMENTS, name + ".txt")],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode == 0:
                prepared.pythons[name] = done.stdout.strip().splitlines()[-1]
            else:
                failed[name] = next((line for line in reversed(done.stderr.splitlines()) if line.startswith("ERROR")),
                                    "its packages could not be installed")
        lacking = [name for name in (engine.environment, engine.maker_environment) if name in failed]
        if lacking:
            prepared.left_out.append(f"{engine.title} {version(engine)}: {failed[lacking[0]]}")
        else:
            prepared.engines.append(engine.key)


def build(prepared: Prepared) -> str | None:
    """Builds Augur and the contenders in C++. Returns a message if that fails."""
    say("building")
    targets, settings = ["augur_shared", "augur-convert", "augur-compare-peak"], []
    for key in prepared.engines:
        if ENGINES[key].program:
            targets.append(ENGINES[key].program)
    if "onnxruntime" in prepared.engines:
        headers, library = os.path.join(CACHE, "onnxruntime-headers"), os.path.join(CACHE, "libonnxruntime.so.1")
        if not os.path.isdir(headers):
            fetch = ("sh toolchains/third-party/fetch-debian.sh \"$1\" \"$2\" \"$3.deb\" && "
                     "dpkg-deb -x \"$3.deb\" \"$3.part\" && mv \"$3.part\" \"$3\"")
            os.makedirs(CACHE, exist_ok=True)
            message = run(["sh", "-c", fetch, "fetch", HEADER_PACKAGE, HEADER_SHA256, headers], "headers")
            if message:
                prepared.left_out.append(f"onnxruntime {version(ENGINES['onnxruntime'])}: its headers: {message}")
                prepared.engines.remove("onnxruntime")
                targets.remove(ENGINES["onnxruntime"].program)
        found = glob.glob(os.path.join(site_packages(prepared.pythons["onnxruntime"]),
                                       "onnxruntime/capi/libonnxruntime.so.*"))[0]
        if os.path.lexists(library):
            os.remove(library)
        os.symlink(found, library)  # the name that programs look for
        settings += [f"-DAUGUR_ONNXRUNTIME_HEADERS={headers}/usr/include/onnxruntime",
                     f"-DAUGUR_ONNXRUNTIME_LIBRARY={library}"]
    if "executorch" in prepared.engines:
        settings.append(f"-DAUGUR_EXECUTORCH={site_packages(prepared.pythons['torch'])}/executorch")
    return (run(["cmake", "--preset", "host", *settings], "configure")
            or run(["cmake", "--build", "--preset", "host", "--target", *targets], "build"))


def model_folder(engine: Engine) -> str:
    """Where an engine's models are. The name has a hash of what they are made from; Augur's are made in each run."""
    if engine.key == "augur":
        return os.path.join(WORK, "models")
    key = hashlib.sha256()
    names = [f"{name}.py" for name in ("network", engine.maker, *engine.maker_uses)]
    for name in [*names, os.path.join("environments", engine.maker_environment + ".txt")]:
        with open(os.path.join(HERE, name), "rb") as file:
            key.update(file.read())
    return os.path.join(CACHE, "models", f"{engine.key}-{key.hexdigest()[:16]}")


def models(prepared: Prepared, cases: list[str]) -> None:
    """Makes the models that are missing. One that cannot be made is named, and its contender left out."""
    shutil.rmtree(os.path.join(WORK, "models"), ignore_errors=True)
    for engine in (ENGINES[key] for key in prepared.engines if ENGINES[key].maker):
        folder = model_folder(engine)
        wanted = missing(engine.key, folder, cases)
        if not wanted:
            continue
        say(f"models of {engine.title}: {len(wanted)}; {os.path.relpath(WORK, ROOT)}/logs/models-{engine.key}.log")
        python = prepared.pythons.get(engine.maker_environment, "/usr/bin/python3")
        run([python, "-B", os.path.join(HERE, "make_models.py"), engine.key, folder, *cases], f"models-{engine.key}",
            AUGUR_CONVERT=os.path.join(BUILD, "bin", "augur-convert"))
        for contender in missing(engine.key, folder, cases):
            prepared.left_out.append(f"{contender.name} ({contender.model}): its model could not be made "
                                     f"(build/compare/logs/models-{engine.key}.log)")


def request(config: Config, candidates: int) -> str:
    """Writes a request with its expected scores, and returns the file; contender.h describes it."""
    os.makedirs(os.path.join(WORK, "requests"), exist_ok=True)
    path = os.path.join(WORK, "requests", f"{config.name}-n{candidates}.bin")
    weights, asked = network.random_weights(config), network.random_request(config, candidates)
    ids = (asked.history_item, asked.history_category, asked.item, asked.category)
    with open(path, "wb") as file:
        file.write(np.array([asked.user], np.int64).tobytes())
        for values in ids:
            file.write(values.astype(np.int64).tobytes())
        for vectors in network.vectors(weights, asked):
            file.write(vectors.astype(np.float32).tobytes())
        file.write(network.probabilities(config, weights, asked).tobytes())
    return path


def command(prepared: Prepared, contender: Contender) -> list[str]:
    """What starts a contender, without its last arguments."""
    engine = contender.engine
    model = os.path.join(model_folder(engine), contender.model) if contender.model else "-"
    if engine.program:
        form = [] if engine.key == "augur" else [contender.form.name]
        return [os.path.join(BUILD, "bin", engine.program), *form, model]
    return [prepared.pythons[engine.environment], "-B", os.path.join(HERE, "python_contender.py"), engine.key,
            contender.form.name, model]


def libraries(prepared: Prepared) -> list[dict[str, object]]:
    """The sizes of the stripped libraries."""
    rows = [("Augur", "", glob.glob(os.path.join(BUILD, "lib", "libaugur.so.*.*.*")))]
    for engine in (ENGINES[key] for key in prepared.engines if key != "augur"):
        folder = site_packages(prepared.pythons[engine.environment])
        for label, patterns in engine.libraries:
            files = [found for pattern in patterns for found in glob.glob(os.path.join(folder, pattern))]
            rows.append((engine.title, label, files))
    return [{"engine": title, "part": label, "bytes": sum(map(stripped_bytes, files))} for title, label, files in rows]


def stripped_bytes(path: str) -> int:
    """The size of a library without its symbols."""
    stripped = os.path.join(WORK, "stripped")
    done = subprocess.run(["strip", "--strip-unneeded", "-o", stripped, os.path.realpath(path)], capture_output=True)
    size = os.path.getsize(stripped if done.returncode == 0 else path)
    if os.path.exists(stripped):
        os.remove(stripped)
    return size
