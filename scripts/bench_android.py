"""The part of scripts/bench-android.sh that reads what the phone answered.

    python3 scripts/bench_android.py kinds CONDITIONS      a line "NAME CORES KILOHERTZ" for each kind of core
    python3 scripts/bench_android.py join WORK FOLDER      writes FOLDER/<device>.json and prints its path

CONDITIONS is the output of the script's `conditions` on the phone. WORK has `properties` (getprop), `serial`, and for each
run N.json (augur-bench's), N.kind, N.before and N.after (conditions). Texts may have the line ends of an old adb.
"""
import hashlib
import json
import os
import pathlib
import re
import sys

import bench_json

SOURCES = {"AC": "ac", "USB": "usb", "Wireless": "wireless", "Dock": "dock"}


def lines_of(text):
    return [line.rstrip("\r") for line in text.split("\n")]


def number(text):
    """The whole number, or None."""
    return int(text) if re.fullmatch(r"-?\d{1,15}", text.strip()) else None


def sections(text):
    """The conditions' lines before the first mark ("") and after each mark "== NAME"."""
    found, name = {"": []}, ""
    for line in lines_of(text):
        if line.startswith("== "):
            name = line[3:].strip()
            found[name] = []
        else:
            found[name].append(line)
    return found


def cores_of(text):
    """Each core that is switched on: (number, highest kHz or None, governor, kHz now or None)."""
    cores = []
    for line in sections(text)[""]:
        parts = line.split("|")
        if parts[0] == "clock" and len(parts) == 6 and number(parts[1]) is not None and parts[5].strip() != "0":
            cores.append((number(parts[1]), number(parts[2]), parts[3].strip(), number(parts[4])))
    return sorted(cores)


def core_kinds(text):
    """The kinds of cores by their highest clock, slowest first. Cores that do not tell it are left out if others do."""
    cores = cores_of(text)
    by_clock = {}
    for core, highest, _, _ in cores:
        if highest or not any(other[1] for other in cores):
            by_clock.setdefault(highest or 0, []).append(core)
    names = {1: ["all"], 2: ["little", "big"], 3: ["little", "middle", "big"]}.get(
        len(by_clock), [f"kind{index + 1}" for index in range(len(by_clock))])
    return [{"name": name, "cores": by_clock[clock], "max_khz": clock} for name, clock in zip(names, sorted(by_clock))]


def thermal(text):
    """The name of Android's thermal status, or None."""
    for line in sections(text).get("thermal", []):
        found = re.match(r"\s*Thermal Status: (\d)\b", line)
        if found and int(found[1]) < len(bench_json.ANDROID_THERMAL):
            return bench_json.ANDROID_THERMAL[int(found[1])]
    return None


def battery(text):
    found = {}
    powered = set()
    scale = 100
    for line in sections(text).get("battery", []):
        name, _, value = line.strip().partition(": ")
        value = value.strip()
        if name.endswith(" powered") and value == "true":
            powered.add(SOURCES.get(name[:-len(" powered")]))
        elif name.endswith(" powered"):
            powered.add("battery")
        elif name == "scale" and number(value):
            scale = number(value)
        elif name == "level" and number(value) is not None:
            found["percent"] = number(value)
        elif name == "temperature" and number(value) is not None:
            found["celsius"] = number(value) / 10
    if "percent" in found:
        found["percent"] = round(100 * found["percent"] / scale, 1)
    plugged = [source for source in bench_json.SOURCES[1:] if source in powered]
    if plugged or "battery" in powered:
        found["source"] = (plugged + ["battery"])[0]
    return found


def zones(text):
    found = []
    for line in sections(text)[""]:
        parts = line.split("|")
        if parts[0] != "zone" or len(parts) != 3 or number(parts[2]) is None:
            continue
        value = number(parts[2])
        celsius = value / 1000 if abs(value) > 1000 else value  # most zones tell thousandths of a degree, some degrees
        if parts[1] and -50 < celsius < 200:
            found.append({"type": parts[1], "celsius": celsius})
    return found


def conditions(text):
    clocks = []
    for core, _, governor, now in cores_of(text):
        clock = {"core": core}
        if governor:
            clock["governor"] = governor
        if now is not None and now >= 0:
            clock["khz"] = now
        if len(clock) > 1:
            clocks.append(clock)
    saver = [line.strip() for line in sections(text).get("saver", []) if line.strip() in ("0", "1")]
    found = {"thermal": thermal(text), "clocks": clocks, "battery": battery(text), "zones": zones(text),
             "low_power": saver[0] == "1" if saver else None}
    return {name: value for name, value in found.items() if value is not None and value not in ([], {})}


def properties(text):
    found = {}
    for line in lines_of(text):
        match = re.fullmatch(r"\[([^]]*)\]: \[(.*)\]", line.strip())
        if match:
            found[match[1]] = match[2]
    return found


def device_of(known, kinds, cores):
    soc = f"{known.get('ro.soc.manufacturer', '')} {known.get('ro.soc.model', '')}".strip()
    device = {"system": "Android", "system_version": known.get("ro.build.version.release"),
              "api": number(known.get("ro.build.version.sdk", "")), "build": known.get("ro.build.id"),
              "manufacturer": known.get("ro.product.manufacturer"), "model": known.get("ro.product.model"),
              "soc": soc or known.get("ro.board.platform") or known.get("ro.hardware"),
              "cores": len(cores) or None, "core_kinds": kinds,
              "emulator": "1" in (known.get("ro.kernel.qemu"), known.get("ro.boot.qemu"))}
    return {name: value for name, value in device.items() if value is not None and value not in ("", [])}


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def join(work, folder):
    """Makes one document of a device's runs, writes it and returns its path."""
    known = properties(read(work / "properties"))
    numbers = sorted(int(path.stem) for path in work.glob("*.kind"))
    first = read(work / f"{numbers[0]}.before")
    document, runs = None, []
    for index in numbers:
        one, = bench_json.load(str(work / f"{index}.json"))
        if document is not None and one["model"] != document["model"]:
            raise bench_json.FormatError("the runs are of different models")
        document = document or one
        run = {"core_kind": read(work / f"{index}.kind").strip()}
        for name, value in one["runs"][0].items():
            run[name] = value
            if name == "pace_ms":
                run["before"] = conditions(read(work / f"{index}.before"))
                run["after"] = conditions(read(work / f"{index}.after"))
        runs.append(run)
    device = device_of(known, core_kinds(first), cores_of(first))
    if "abi" in document["device"]:
        device["abi"] = document["device"]["abi"]  # of the program, which may be of 32 bits on a 64-bit phone
    document["device"], document["runs"] = device, runs
    words = re.sub(r"[^a-z0-9]+", "-", f"{device.get('manufacturer', '')} {device.get('model', 'device')}".lower())
    serial = hashlib.sha256(read(work / "serial").strip().encode()).hexdigest()[:8]
    path = folder / f"{words.strip('-')}-{serial}.json"
    bench_json.check(document, path.name)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
    return path


def core_list(cores):
    return ",".join(map(str, cores))


def main(arguments):
    command, *paths = arguments
    if command == "kinds":
        for kind in core_kinds(read(pathlib.Path(paths[0]))):
            print(kind["name"], core_list(kind["cores"]), kind["max_khz"])
    elif command == "join":
        try:
            print(join(*map(pathlib.Path, paths)))
        except (bench_json.FormatError, OSError) as error:
            print(f"bench-android.sh: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
