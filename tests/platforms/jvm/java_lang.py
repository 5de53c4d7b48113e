"""Writes a jar with java.lang of Java 7 from a JDK's ct.sym, the file that javac --release reads: java_lang.py CT.SYM OUT

The stand-in's android.jar has java.util, java.io and java.nio as Android 5 has them, but not java.lang. With both as
-bootclasspath, javac refuses what API 21 lacks, such as Map.getOrDefault. (java.lang of Java 7 is what API 21 has.)
"""
import sys
import zipfile


def main():
    symbols, out = sys.argv[1:]
    names = set()
    with zipfile.ZipFile(symbols) as source, zipfile.ZipFile(out, "w") as jar:
        for entry in source.namelist():
            releases, _, name = entry.partition("/")  # such as 879A: the releases that have this form of the class
            name = name.removeprefix("java.base/")
            if "7" in releases and name.startswith("java/lang/") and name.endswith(".sig") and name not in names:
                names.add(name)
                jar.writestr(name.removesuffix(".sig") + ".class", source.read(entry))
    if "java/lang/Object.sig" not in names:
        sys.exit(f"java_lang.py: {symbols} has no java.lang of Java 7; JDK 17 has it")


if __name__ == "__main__":
    main()
