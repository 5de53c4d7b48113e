#!/bin/sh
# Compiles the Java and Kotlin API of platforms/android, and runs its tests on this machine's JVM.
#
#   sh tests/platforms/jvm/run.sh BUILD-FOLDER [plain|check|asan|overhead]...
#
# BUILD-FOLDER is one in which the target augur_jvm is built. The tests run once for each word:
#   plain     as an app runs them
#   check     with -Xcheck:jni, whose warnings are failures; a tenth of the calls in the tests of leaks
#   asan      for a build folder of the asan preset: with AddressSanitizer, without the tests of leaks
#   overhead  no test: prints what a call through Java takes more than one of the C API
# The framework's classes, Kotlin and JUnit come from toolchains/stand-in/jvm.sh. Needs a JDK 17: JAVA_HOME, or java in
# the PATH. The last line is "N passed, N failed, N skipped".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)

fail() {
  printf '%s\n' "tests/platforms/jvm/run.sh: $*" >&2
  exit 1
}

[ $# -ge 1 ] || fail "usage: sh tests/platforms/jvm/run.sh BUILD-FOLDER [plain|check|asan|overhead]..."
build=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- plain
[ -f "$build/lib/libaugur_jni.so" ] && [ -x "$build/bin/augur_jvm_fixtures" ] ||
  fail "$build has no libaugur_jni.so or no augur_jvm_fixtures. Build the target augur_jvm there first; it exists if CMake
found a JDK (AUGUR_BUILD_JNI)."
java=java javac=javac
if [ -n "${JAVA_HOME-}" ]; then java=$JAVA_HOME/bin/java javac=$JAVA_HOME/bin/javac; fi
command -v "$javac" >/dev/null 2>&1 || fail "javac is missing. As root: apt-get install openjdk-17-jdk-headless"

jars=$(sh "$root/toolchains/stand-in/jvm.sh")
junit=$(echo "$jars"/junit-platform-console-standalone-*.jar)
work=$root/build/jvm
mkdir -p "$work"

# ------------------------------------------------------------------------------------------------------------- compile

# kotlinc OUT CLASSPATH FILE-OR-OPTION...
kotlinc() {
  kotlin_out=$1 kotlin_classpath=$2
  shift 2
  sh "$root/platforms/android/package/kotlinc.sh" "$jars" "$java" "$kotlin_classpath" augur "$kotlin_out" "$@"
}

compile() {
  android=$root/platforms/android
  classes=$work/classes
  rm -rf "$work/annotations" "$classes" "$work/tests"
  echo "Compiling the Java API, for Java 8, against the classes of Android 5"
  symbols=$(dirname "$(readlink -f "$(command -v "$javac")")")/../lib/ct.sym
  python3 -B "$here/java_lang.py" "$symbols" "$work/java-lang.jar"
  "$javac" --release 8 -Xlint:-options -encoding UTF-8 -d "$work/annotations" $(find "$android/annotations" -name '*.java')
  mkdir -p "$classes"
  "$javac" -source 8 -target 8 -bootclasspath "$jars/android.jar:$work/java-lang.jar" -cp "$work/annotations" \
    -Xlint:all,-options,-classfile -Werror -encoding UTF-8 -d "$classes" $(find "$android/src/main/java" -name '*.java')
  echo "Compiling augur-ktx and the tests"
  # From here on without the annotations' classes, which an app may not have either.
  kotlinc "$work/ktx" "$classes:$jars/android.jar" -Xjdk-release=1.8 -Xexplicit-api=strict \
    $(find "$android/ktx" -name '*.kt')
  "$javac" --release 17 -Xlint:all,-options,-classfile,-try -Werror -encoding UTF-8 \
    -cp "$classes:$jars/android.jar:$junit" -d "$work/tests" $(find "$here/java" -name '*.java')
  kotlinc "$work/kotlin-tests" "$work/tests:$work/ktx:$classes:$jars/android.jar:$junit" $(find "$here/kotlin" -name '*.kt')
}

# Kotlin sees the nullability annotations: it refuses exactly the lines that say so.
check_refused() {
  source=$here/refused/Nullability.kt
  if kotlinc "$work/refused" "$work/classes:$jars/android.jar" "$source" >"$work/refused.log" 2>&1; then
    echo "Kotlin accepts null where the API refuses it: $source"
    return 1
  fi
  sed -n 's/.*Nullability\.kt:\([0-9]*\):.* error: .*/\1/p' "$work/refused.log" | sort -nu >"$work/refused.got"
  grep -n '// refused$' "$source" | cut -d : -f 1 | sort -nu >"$work/refused.expected"
  diff "$work/refused.expected" "$work/refused.got" && return 0
  cat "$work/refused.log"
  echo "Kotlin refuses other lines of $source than those that end in // refused (line numbers above)"
  return 1
}

passed=0 failed=0 skipped=0
sources=$(cd "$root" && find platforms/android/annotations platforms/android/src/main platforms/android/ktx \
  tests/platforms/jvm -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
stamp="$jars $sources"
if [ "$(cat "$work/stamp" 2>/dev/null)" != "$stamp" ]; then
  rm -f "$work/stamp"
  compile
  echo "$stamp" >"$work/stamp"
fi

# ------------------------------------------------------------------------------------------------------------ run

rm -rf "$work/fixtures"
ASAN_OPTIONS=detect_leaks=0 "$build/bin/augur_jvm_fixtures" "$root/tests/golden" "$work/fixtures"

# run_tests NAME JVM-OPTION...
run_tests() {
  name=$1
  shift
  log=$work/$name.log
  kotlin=$(echo "$jars"/kotlin-stdlib-*.jar "$jars"/kotlinx-coroutines-core-jvm-*.jar | tr ' ' ':')
  status=0
  # A heap that never grows, so that a test can see whether native memory does.
  # A test that hangs is ended after ten minutes; all together take less than one.
  timeout --kill-after=10 600 "$java" "$@" -Xms384m -Xmx384m -XX:+AlwaysPreTouch -XX:+UseSerialGC -Dfile.encoding=UTF-8 --add-opens java.base/java.io=ALL-UNNAMED \
    -Djava.library.path="$build/lib" -Daugur.fixtures="$work/fixtures" \
    -cp "$work/tests:$work/kotlin-tests:$work/ktx:$work/classes:$junit:$kotlin:$jars/android.jar" \
    org.junit.platform.console.ConsoleLauncher execute --scan-classpath "$work/tests:$work/kotlin-tests" --disable-banner --details=tree \
    --disable-ansi-colors $console_options >"$log" 2>&1 || status=$?
  cat "$log"
  set -- $(awk -f "$root/scripts/count-junit-tests.awk" "$log")
  [ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
  if grep -E '^(WARNING|FATAL ERROR) in native method|^WARNING: JNI|ERROR: AddressSanitizer' "$log" >/dev/null; then
    echo "$name: a warning of -Xcheck:jni or an error of AddressSanitizer, see above"
    set -- "$1" $(($2 + 1)) "$3"
  fi
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

for variant in "$@"; do
  echo "Tests: $variant"
  console_options=
  case $variant in
    plain)
      if check_refused; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
      run_tests plain ;;
    check) run_tests check -Xcheck:jni -Daugur.calls=100000 ;;
    asan)
      # The JVM uses SIGSEGV itself, and what it allocates lives as long as the process.
      console_options="--exclude-tag memory"
      asan=$(${CC:-cc} -print-file-name=libasan.so) ubsan=$(${CC:-cc} -print-file-name=libubsan.so)
      LD_PRELOAD="$asan $ubsan" UBSAN_OPTIONS=print_stacktrace=1 \
        ASAN_OPTIONS=handle_segv=0:detect_leaks=0:allow_user_segv_handler=1 run_tests asan ;;
    overhead)
      "$java" -Xmx384m -Djava.library.path="$build/lib" -Daugur.fixtures="$work/fixtures" \
        -cp "$work/tests:$work/classes:$jars/android.jar" dev.augur.Overhead ;;
    *) fail "there is no variant '$variant'" ;;
  esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
