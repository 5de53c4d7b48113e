#!/usr/bin/env python3
"""An adb without a phone, for the tests of scripts/bench-android.sh.

The folder in AUGUR_FAKE_PHONE is the phone: state.json says how adb behaves, `files` is the phone's root folder, `bin` has
its getprop, dumpsys and settings. Shell commands run in this machine's shell, their paths below `files`. Every call is
noted in `calls`, a line each.

state.json: devices ([[serial, state], ...]), old (line ends are CR LF, an exit status is lost), full (the name of a file that
is copied in part), silent (a part of a shell command after which the connection is lost).
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

PHONE = pathlib.Path(os.environ["AUGUR_FAKE_PHONE"])
FILES = PHONE / "files"
STATE = json.loads((PHONE / "state.json").read_text())


def on_phone(path):
    return FILES / path.lstrip("/")


def answer(text, status):
    """Writes the output as adb of this age does, and returns its exit status."""
    if STATE.get("old"):
        text, status = text.replace(b"\n", b"\r\n"), 0
    sys.stdout.buffer.write(text)
    return status


def shell(command):
    if STATE.get("silent") and STATE["silent"] in command:
        print(f"error: device '{STATE['devices'][0][0]}' not found", file=sys.stderr)
        return 1
    for folder in ("/data/", "/sys/"):
        command = command.replace(f"'{folder}", f"'{FILES}{folder}").replace(f" {folder}", f" {FILES}{folder}")
    environment = dict(os.environ, PATH=f"{PHONE / 'bin'}:{os.environ['PATH']}", AUGUR_FAKE_PHONE=str(PHONE))
    done = subprocess.run(["sh", "-c", command], cwd=FILES, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT if STATE.get("old") else None, stdin=subprocess.DEVNULL)
    return answer(done.stdout, done.returncode)


def push(local, remote):
    data = pathlib.Path(local).read_bytes()
    if STATE.get("full") == remote.rsplit("/", 1)[-1]:
        on_phone(remote).write_bytes(data[:len(data) // 2])
        return answer(f"failed to copy '{local}' to '{remote}': No space left on device\n".encode(), 1)
    on_phone(remote).write_bytes(data)
    return answer(f"{local}: 1 file pushed.\n".encode(), 0)


def pull(remote, local):
    if not on_phone(remote).exists():
        return answer(f"remote object '{remote}' does not exist\n".encode(), 1)
    shutil.copyfile(on_phone(remote), local)
    return answer(f"{remote}: 1 file pulled.\n".encode(), 0)


def main(arguments):
    with (PHONE / "calls").open("a") as calls:
        calls.write(" ".join(arguments).replace("\n", "; ") + "\n")
    if arguments == ["devices"]:
        text = "".join(f"{serial}\t{state}\n" for serial, state in STATE["devices"])
        return answer(f"* daemon started successfully *\nList of devices attached\n{text}\n".encode(), 0)
    if arguments[:2] != ["-s", STATE["devices"][0][0]]:
        print("error: more than one device, or another one", file=sys.stderr)
        return 1
    command, *rest = arguments[2:]
    return {"shell": shell, "push": push, "pull": pull}[command](*rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
