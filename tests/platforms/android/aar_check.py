"""Checks that an AAR keeps what docs/android.md promises. check(path, abis) returns a list of what is wrong."""
import io
import json
import pathlib
import re
import xml.etree.ElementTree
import zipfile

import class_file

ROOT = pathlib.Path(__file__).resolve().parents[3]
ANDROID = "{http://schemas.android.com/apk/res/android}"
LIBRARIES = ("libaugur.so", "libaugur_jni.so")
LICENCES = ("XNNPACK", "pthreadpool", "FXdiv", "cpuinfo", "Highway", "FlatBuffers", "FarmHash")
HEADERS = sorted(path.name for path in (ROOT / "runtime/include/augur").iterdir())
JAVA_8 = 52
DESCRIPTORS = {"void": "V", "boolean": "Z", "byte": "B", "char": "C", "short": "S", "int": "I", "long": "J", "float": "F",
               "double": "D"}


def expected_entries(abis):
    """Every entry of an AAR; there is nothing else in one."""
    prefab = "prefab/modules/augur_shared"
    names = {"AndroidManifest.xml", "classes.jar", "R.txt", "proguard.txt", "NOTICE", "LICENSE",
             "META-INF/com/android/build/gradle/aar-metadata.properties", "prefab/prefab.json", f"{prefab}/module.json"}
    names |= {f"{prefab}/include/augur/{header}" for header in HEADERS}
    for abi in abis:
        names |= {f"jni/{abi}/{library}" for library in LIBRARIES}
        names |= {f"{prefab}/libs/android.{abi}/{name}" for name in ("abi.json", "libaugur.so")}
    return names


def check_manifest(text):
    root = xml.etree.ElementTree.fromstring(text)
    wrong = []
    if root.get("package") != "dev.augur":
        wrong.append(f"AndroidManifest.xml: package is {root.get('package')}, expected dev.augur")
    least = root.find("uses-sdk")
    if least is None or least.get(ANDROID + "minSdkVersion") != "21":
        wrong.append("AndroidManifest.xml: minSdkVersion is not 21")
    wrong += [f"AndroidManifest.xml: <{child.tag}> is not expected" for child in root if child.tag != "uses-sdk"]
    return wrong


def read_classes(jar):
    with zipfile.ZipFile(io.BytesIO(jar)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_classes(entries):
    """entries: what is in classes.jar, by name."""
    wrong = []
    for name, data in entries.items():
        if not re.fullmatch(r"dev/augur/[A-Za-z0-9_$]+\.class", name):
            wrong.append(f"classes.jar: {name} is not a class of dev.augur")
            continue
        read = class_file.read(data)
        if read.major != JAVA_8:
            wrong.append(f"classes.jar: {name} has the version {read.major}, expected {JAVA_8} (Java 8)")
        wrong += [f"classes.jar: {name} needs {other}" for other in sorted(read.references)
                  if not other.startswith(("dev/augur/", "java/", "android/", "["))]
    wrong += [f"classes.jar: {name} is not there" for name in ("dev/augur/Model.class", "dev/augur/Session.class")
              if name not in entries]
    return wrong


def descriptor(java):
    """A type of the Java language, such as byte[], as in class files: [B."""
    java = java.strip()
    if java.endswith("[]"):
        return "[" + descriptor(java[:-2])
    return DESCRIPTORS.get(java) or f"L{java.replace('.', '/')};"


def kept(rules):
    """What -keep rules name: class -> set of (method, descriptor), with ("<natives>", "") for all native methods."""
    rules = re.sub(r"#.*", "", rules)
    found = {}
    for name, body in re.findall(r"-keep(?:,\w+)*\s+class\s+([\w.$]+)\s*(?:\{(.*?)\})?", rules, re.DOTALL):
        members = found.setdefault(name.replace(".", "/"), set())
        for line in filter(None, (line.strip() for line in body.split(";"))):
            method = re.fullmatch(r"(?:\w+\s+)*?([\w.\[\]]+)\s+(\w+)\((.*)\)", line)
            if line == "native <methods>":
                members.add(("<natives>", ""))
            elif method:
                types = [descriptor(part) for part in method[3].split(",") if part.strip()]
                members.add((method[2], f"({''.join(types)}){descriptor(method[1])}"))
            else:
                members.add((line, "?"))
    return found


def looked_up():
    """What the glue of JNI looks up by name: (classes of dev.augur, {(method, descriptor)})."""
    glue = "".join(path.read_text() for path in sorted((ROOT / "platforms/android/jni").glob("*.cc")))
    classes = set(re.findall(r'"(dev/augur/[\w$/]+)"', glue))
    return classes, set(re.findall(r'Get(?:Static)?MethodID\([^"]*"(\w+)",\s*"([^"]+)"', glue))


def check_rules(rules, entries):
    wrong = []
    keep = kept(rules)
    for name, members in keep.items():
        if f"{name}.class" not in entries:
            wrong.append(f"proguard.txt: there is no class {name}")
            continue
        methods = class_file.read(entries[f"{name}.class"]).methods
        known = {(method.name, method.descriptor) for method in methods}
        if any(method.flags & class_file.NATIVE for method in methods):
            known.add(("<natives>", ""))
        wrong += [f"proguard.txt: {name} has no {method}{signature}" for method, signature in sorted(members - known)]
    classes, methods = looked_up()
    for name in sorted(classes):
        members = keep.get(name)
        if members is None:
            wrong.append(f"proguard.txt: {name}, which libaugur_jni looks up, is not kept")
            continue
        if ("<natives>", "") not in members:
            wrong.append(f"proguard.txt: the native methods of {name} are not kept")
        wrong += [f"proguard.txt: {method}{signature}, which libaugur_jni calls, is not kept"
                  for method, signature in sorted(methods - members)]
    return wrong


def check_prefab(archive, abis):
    def read(name):
        return json.loads(archive.read(f"prefab/{name}"))

    wrong = []
    package = read("prefab.json")
    if package.get("schema_version") != 2 or package.get("name") != "augur" or package.get("dependencies") != []:
        wrong.append("prefab.json: expected schema 2, the name augur and no dependencies")
    if not re.fullmatch(r"\d+\.\d+\.\d+", package.get("version", "")):
        wrong.append(f"prefab.json: the version '{package.get('version')}' is not three numbers")
    if read("modules/augur_shared/module.json") != {"export_libraries": [], "library_name": "libaugur", "android": {}}:
        wrong.append("module.json: expected the library's name libaugur, and no export_libraries")
    for abi in abis:
        folder = f"modules/augur_shared/libs/android.{abi}"
        one = read(f"{folder}/abi.json")
        if not isinstance(one.pop("ndk", None), int) or one != {"abi": abi, "api": 21, "stl": "none", "static": False}:
            wrong.append(f"{folder}/abi.json: expected the ABI {abi}, API 21, no STL, a shared library, the NDK's version")
        if archive.read(f"prefab/{folder}/libaugur.so") != archive.read(f"jni/{abi}/libaugur.so"):
            wrong.append(f"{folder}/libaugur.so is not the one in jni/{abi}")
    wrong += [f"prefab: {header} is not the one in runtime/include" for header in HEADERS
              if archive.read(f"prefab/modules/augur_shared/include/augur/{header}")
              != (ROOT / "runtime/include/augur" / header).read_bytes()]
    return wrong


def check(path, abis):
    """What is wrong with the AAR, without what is in its libraries (see elf checks): a list of texts."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        wrong = [f"{name} is missing" for name in sorted(expected_entries(abis) - set(names))]
        wrong += [f"{name} is not expected" for name in sorted(set(names) - expected_entries(abis))]
        if names != sorted(set(names)) or {entry.date_time for entry in archive.infolist()} != {(1980, 1, 1, 0, 0, 0)}:
            wrong.append("entries are not sorted, or have times of their own: the bytes cannot be the same again")
        if any(name.endswith(" is missing") for name in wrong):
            return wrong
        classes = read_classes(archive.read("classes.jar"))
        wrong += check_manifest(archive.read("AndroidManifest.xml").decode())
        wrong += check_classes(classes)
        wrong += check_rules(archive.read("proguard.txt").decode(), classes)
        wrong += check_prefab(archive, abis)
        notice = archive.read("NOTICE").decode()
        wrong += [f"NOTICE: nothing about {name}" for name in LICENCES if not re.search(f"^{name} ", notice, re.MULTILINE)]
        if "aarFormatVersion=1.0\n" not in archive.read(
                "META-INF/com/android/build/gradle/aar-metadata.properties").decode():
            wrong.append("aar-metadata.properties: no aarFormatVersion=1.0")
    return wrong
