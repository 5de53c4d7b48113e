#!/bin/sh
# Compiles Kotlin with the compiler that toolchains/stand-in/jvm.sh fetches.
#
#   kotlinc.sh JARS JAVA CLASSPATH MODULE OUT-FOLDER FILE.kt...
#
# JARS is the folder with the jars of the compiler, of Kotlin's library and of the coroutines.
set -eu

[ $# -ge 6 ] || { echo "usage: kotlinc.sh JARS JAVA CLASSPATH MODULE OUT-FOLDER FILE.kt..." >&2; exit 2; }
jars=$1 java=$2 classpath=$3 module=$4 out=$5
shift 5
[ -n "$(find "$jars" -name 'kotlin-compiler-embeddable-*.jar')" ] ||
  { echo "kotlinc.sh: $jars has no kotlin-compiler-embeddable-*.jar; sh toolchains/stand-in/jvm.sh prints such a folder" >&2; exit 1; }

rm -rf "$out"
for jar in "$jars"/kotlin-stdlib-*.jar "$jars"/kotlinx-coroutines-core-*.jar; do classpath=$classpath:$jar; done
exec "$java" -cp "$jars/*" org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib -no-reflect -jvm-target 1.8 -Werror \
  -classpath "$classpath" -module-name "$module" -d "$out" "$@"
