#!/bin/sh
# Runs all tests. Installs packages (as root or with sudo; a fresh Debian 12 is enough), builds the dependencies into
# the cache, then builds and tests.
#
#   sh scripts/test.sh [--only PART,...] [--configure] [--list]
#
# The last line is "N passed, N failed, N skipped"; the exit status is 0 if nothing failed.
# Environment: AUGUR_TEST_DATA may name the folder with the external test data; AUGUR_FUZZ_SECONDS (default 10) is how
# long each fuzzer runs; CMAKE_BUILD_PARALLEL_LEVEL is how many processes run at a time.
set -u

. "$(dirname "$0")/common.sh"

all_parts="fresh host asan tsan jvm aarch64 instructions armv7 android size fuzz ios python wheel swift package lint"
usage() {
  cat <<END
usage: sh scripts/test.sh [--only PART,...] [--configure] [--list]
  fresh         demo.sh and the start of test.sh on a bare Debian, where scripts, CMake files or pins changed
  host          release build for this machine, all tests
  asan          the same with AddressSanitizer and UndefinedBehaviorSanitizer
  tsan          tests with threads, with ThreadSanitizer
  jvm           the Java and Kotlin API on this machine's JVM, with -Xcheck:jni and with AddressSanitizer, too
  aarch64       64-bit ARM (clang), tests under qemu-user; those of kernels without dot products, too
  instructions  instructions of requests with AVX2 and NEON, compared with tests/instructions/recorded.txt
  armv7         32-bit ARM (clang), tests of what runs on a phone under qemu-user
  android       libraries and programs for Android, built with the NDK that ANDROID_NDK_HOME names, else with a stand-in
  size          the size of libaugur.so for Android, compared with tests/platforms/size/recorded.txt
  fuzz          each fuzzer for ${AUGUR_FUZZ_SECONDS:-10} s
  ios           iOS with a stand-in SDK: builds for devices and simulators, the xcframework and its tests
  python        the Python package: mypy, ruff, and its tests with the libraries and commands of host
  wheel         the Python package's wheel: built, checked, installed without a network, and tried
  swift         the Swift package, compiled and tested in a Debian 13 with swiftlang
  package       the packages for Android, and what they promise; the same bytes in two folders
  lint          includes between rooms (scripts/rooms.txt), clang-format and clang-tidy
--configure stops each of host, asan, tsan, aarch64, armv7 and fuzz after its configuration; the rest is left out.
END
}

parts=$all_parts configure_only=no
while [ $# -gt 0 ]; do
  case $1 in
    --only) [ $# -gt 1 ] || { usage >&2; exit 2; }; parts=$(echo "$2" | tr ',' ' '); shift 2 ;;
    --only=*) parts=$(echo "${1#--only=}" | tr ',' ' '); shift ;;
    --configure) configure_only=yes; shift ;;
    --list | -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
for part in $parts; do
  case " $all_parts " in
    *" $part "*) ;;
    *) echo "There is no part '$part'." >&2; usage >&2; exit 2 ;;
  esac
done

wants() {
  case " $parts " in *" $1 "*) return 0 ;; esac
  return 1
}

passed=0 failed=0 skipped=0
count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# check LABEL COMMAND...: runs a phase that is counted as one test.
check() {
  if augur_phase "$@"; then count 1 0 0; else count 0 1 0; fi
}

# run_tests PRESET LABEL [CTEST ARGUMENT...]: runs the tests of a preset that is built, and counts their test cases.
run_tests() {
  results=$augur_root/build/logs/$2.xml
  rm -f "$results"
  status=0
  preset=$1 label=$2
  shift 2
  augur_phase "$label: test" ctest --preset "$preset" --parallel "$augur_jobs" --output-junit "$results" --timeout 600 \
    --test-output-size-passed 4000000 --test-output-size-failed 4000000 "$@" || status=1
  counts="0 0 0"
  [ ! -f "$results" ] || counts=$(awk -f scripts/count-tests.awk "$results")
  set -- $counts
  [ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
  count "$1" "$2" "$3"
}

# build_and_test PRESET [TARGET...]: builds everything, or the targets, and runs the preset's tests.
build_and_test() {
  if [ $configure_only = yes ]; then
    check "$1: configure" cmake --preset "$1"
  elif augur_phase "$1: build" augur_build "$@"; then
    run_tests "$1" "$1"
  else
    count 0 1 0
  fi
}

# The first commands on a bare machine; skipped if nothing that they depend on has changed.
test_fresh() {
  status=0
  augur_phase "fresh: demo and test on a bare Debian" run_fresh || status=1
  read -r fresh_status <build/logs/fresh.status
  if [ "$fresh_status" = 77 ]; then
    count 0 0 1
    echo "    skipped: $(tail -n 1 build/logs/fresh.log)"
  else
    count $((1 - status)) $status 0
    [ $status -ne 0 ] || echo "    $(tail -n 1 build/logs/fresh.log)"
  fi
}

run_fresh() {
  [ "$(id -u)" -ne 0 ] || (augur_install_packages fresh) || true  # fresh.sh skips itself if this fails
  {
    sh scripts/fresh.sh 2>&1
    echo $? >build/logs/fresh.status
  } | tee build/logs/fresh.log
  grep -qx -e 0 -e 77 build/logs/fresh.status
}

# Runs the kernels' tests again on a processor without dot products, for which another set of kernels is chosen.
test_aarch64() {
  build_and_test linux-aarch64 augur_tests
  [ $configure_only = no ] || return 0
  export QEMU_CPU=cortex-a53
  run_tests linux-aarch64 linux-aarch64-cortex-a53 --tests-regex '^runtime_(kernels|quantised)_test$'
  unset QEMU_CPU
}

# Counts what the kernels of parts "host" and "aarch64" execute.
test_instructions() {
  builds=
  for preset in host linux-aarch64; do
    augur_phase "$preset: build what is counted" augur_build "$preset" augur-counted-requests || { count 0 1 0; return; }
    builds="$builds build/$preset"
  done
  export AUGUR_BUILD="$augur_root/build/host"
  python_tests "instructions: test" instructions-test discover -v -s tests/instructions
  unset AUGUR_BUILD
  status=0
  augur_phase "instructions: count" count_instructions $builds || status=1
  read -r counting_status <build/logs/instructions.status
  case $counting_status in
    77) count 0 0 1 ;;
    *) count $((1 - status)) $status 0 ;;
  esac
  sed 's/^/    /' build/logs/instructions.log
}

count_instructions() {
  counting_status=0
  /usr/bin/python3 -B tests/instructions/run.py "$@" >build/logs/instructions.log 2>&1 || counting_status=$?
  echo $counting_status >build/logs/instructions.status
  cat build/logs/instructions.log
  [ $counting_status -eq 0 ] || [ $counting_status -eq 77 ]
}

test_jvm() {
  run_jvm host plain check
  run_jvm asan asan
}

# run_jvm PRESET VARIANT...: the tests of the Java and Kotlin API on the libraries of a preset.
run_jvm() {
  if augur_phase "jvm: build $1" augur_build "$1" augur_jvm; then
    status=0
    augur_phase "jvm: test $1" run_jvm_tests "$@" || status=1
    set -- $(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "build/logs/jvm-$1.log" | tail -n 1)
    [ $# -eq 3 ] || set -- 0 0 0
    [ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
    count "$1" "$2" "$3"
  else
    count 0 1 0
  fi
}

run_jvm_tests() {
  jvm_log=build/logs/jvm-$1.log
  jvm_build=build/$1
  shift
  sh tests/platforms/jvm/run.sh "$jvm_build" "$@" >"$jvm_log" 2>&1
  jvm_status=$?
  cat "$jvm_log"
  return $jvm_status
}

# The tests of what runs on a phone, without those of the converter.
test_armv7() {
  if [ $configure_only = yes ]; then
    build_and_test linux-armv7
  elif augur_phase "linux-armv7: build" augur_build linux-armv7 augur_phone_tests; then
    run_tests linux-armv7 linux-armv7 --label-exclude '^converter$'
  else
    count 0 1 0
  fi
}

# Builds the three Android presets and checks every library and program of theirs.
test_android() {
  if [ -z "${ANDROID_NDK_HOME-}" ]; then
    check "android: stand-in for an NDK" sh toolchains/stand-in/ndk.sh
    ANDROID_NDK_HOME=$(sh toolchains/stand-in/ndk.sh 2>/dev/null) || return 0
    export ANDROID_NDK_HOME
  fi
  builds=
  for preset in android-arm64 android-armv7 android-x86_64; do
    programs="augur-bench augur-rank"
    [ $preset != android-arm64 ] || programs=augur_phone_programs  # the tests, too, for one ABI
    augur_phase "$preset: build" augur_build "$preset" all $programs || count 0 1 0
    builds=$builds${builds:+:}$augur_root/build/$preset
  done
  export AUGUR_ANDROID_BUILDS="$builds" AUGUR_NDK="$ANDROID_NDK_HOME" PYTHONPATH=tests/platforms/android
  python_tests "android: test" android -v test_android_builds test_elf_check test_ndk_search
  unset AUGUR_ANDROID_BUILDS AUGUR_NDK PYTHONPATH
}

own_sources() {
  find common runtime converter bench examples tests platforms/android/jni -type f \( -name '*.cc' -o -name '*.h' -o -name '*.hpp' -o -name '*.c' \)
}

check_format() {
  own_sources | xargs clang-format --dry-run -Werror
}

# python_tests LABEL LOG_NAME ARGUMENT...: runs python3 -m unittest with these arguments, and counts its tests.
python_tests() {
  label=$1 unittest_log=build/logs/$2.log
  shift 2
  status=0
  augur_phase "$label" run_unittest "$@" || status=1
  set -- $(awk -f scripts/count-python-tests.awk "$unittest_log")
  [ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
  count "$1" "$2" "$3"
}

run_unittest() {
  timeout --kill-after=10 900 "${unittest_python:-/usr/bin/python3}" -B -m unittest "$@" >"$unittest_log" 2>&1
  unittest_status=$?
  cat "$unittest_log"
  return $unittest_status
}

# ------------------------------------------------------------------------------------------------------ run

# part NAME COMMAND...: runs a part if it is wanted, and notes how long it took.
times=
part() {
  wants "$1" || return 0
  part_name=$1 part_begin=$(date +%s)
  shift
  "$@"
  times="$times$part_name $(($(date +%s) - part_begin))
"
}

# Compares the libraries of the Android presets, which part "android" has built, with the recorded sizes.
test_size() {
  python_tests "size: test" size discover -v -s tests/platforms/size
  builds=
  for preset in android-arm64 android-armv7 android-x86_64; do
    [ -f "build/$preset/stripped/libaugur.so" ] || build_for_size "$preset" || { count 0 1 0; return 0; }
    builds="$builds build/$preset"
  done
  # Not built by part "android".
  # With a compiler cache of its own: objects that do not depend on AUGUR_MINIMAL would name this folder in other builds.
  (unset CCACHE_NOHASHDIR; build_for_size android-arm64-minimal) || { count 0 1 0; return 0; }
  builds="$builds build/android-arm64-minimal"
  check "size: libaugur.so for Android" /usr/bin/python3 -B scripts/size.py check $builds
  /usr/bin/python3 -B scripts/size.py check $builds 2>/dev/null | sed 's/^/    /'
}

build_for_size() {
  : "${ANDROID_NDK_HOME:=$(sh toolchains/stand-in/ndk.sh 2>/dev/null)}"
  export ANDROID_NDK_HOME
  augur_phase "$1: build" augur_build "$1" augur_shared
}

# Each test in an environment of pinned packages.
test_python() {
  augur_phase "python: environment" make_python_environment || { count 0 1 0; return; }
  check "python: mypy and ruff" sh scripts/lint-python.sh
  augur_phase "python: build the library and tools" augur_build host augur_shared augur-convert augur-inspect augur-rank \
    augur-bench || { count 0 1 0; return; }
  unittest_python=$(cat build/logs/python.txt)
  export AUGUR_BUILD="$augur_root/build/host" PYTHONPATH="$augur_root/converter/python"
  python_tests "python: test" python discover -v -s converter/python/tests -t converter/python
  unset AUGUR_BUILD PYTHONPATH unittest_python
}

make_python_environment() {
  augur_python_environment toolchains/python/tests.txt >build/logs/python.txt
}

test_wheel() {
  if augur_phase "wheel: build" sh scripts/wheel.sh && augur_phase "wheel: sources" sh scripts/wheel.sh --sdist; then
    AUGUR_WHEEL=$(ls "$augur_root"/build/wheel/*-linux_*.whl) AUGUR_SDIST=$(ls "$augur_root"/build/wheel/*.tar.gz)
    export AUGUR_WHEEL AUGUR_SDIST
    python_tests "wheel: test" wheel discover -v -s tests/platforms/wheel
    unset AUGUR_WHEEL AUGUR_SDIST
  else
    count 0 1 0
  fi
}

# What is built here, a phone or a simulator would run.
test_ios() {
  check "ios: programs for the simulator" build_ios_programs
  if augur_phase "ios: package" sh scripts/package-ios.sh --stand-in; then
    export AUGUR_XCFRAMEWORK="$augur_root/build/ios/CAugur-unverified.xcframework" AUGUR_STAND_IN_NEEDED=1 \
      AUGUR_IOS_PROGRAMS="$augur_root/build/ios-simulator-arm64/bin"
    python_tests "ios: test" ios discover -v -s tests/platforms/ios
  else
    count 0 1 0
  fi
}

build_ios_programs() {
  (
    augur_use_stand_in_xcode || exit 1
    augur_build ios-simulator-arm64 augur_static augur-bench augur-rank runtime_kernels_test
  )
}

test_package() {
  kind=--stand-in
  [ -z "${ANDROID_NDK_HOME-}" ] || grep -q stand-in "$ANDROID_NDK_HOME/source.properties" || kind=
  if augur_phase "package: Android" sh scripts/package-android.sh $kind; then
    python_tests "package: test" package-tests discover -v -s tests/platforms/android -p 'test_aar_*.py'
  else
    count 0 1 0
  fi
  check "package: the same bytes in two folders" sh scripts/prove-reproducible.sh --stand-in --quick
}

# The Swift package, with the host's library; skipped where scripts/swift.sh cannot make its system.
test_swift() {
  augur_phase "swift: build the library and tools" augur_build host augur_shared augur-convert augur-rank \
    augur-bench || { count 0 1 0; return; }
  status=0
  augur_phase "swift: test" run_swift || status=1
  read -r swift_status <build/logs/swift.status
  last=$(tail -n 1 build/logs/swift.log)
  if [ "$swift_status" = 77 ]; then
    count 0 0 1
    echo "    skipped: $last"
    return
  fi
  set -- $(echo "$last" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p') 0 0 0
  [ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
  count "$1" "$2" "$3"
  sed -n 's/^ranking .*overhead of Swift/    overhead/p' build/logs/swift.log
}

run_swift() {
  [ "$(id -u)" -ne 0 ] || (augur_install_packages fresh) || true  # swift.sh skips itself if this fails
  {
    sh tests/platforms/swift/run.sh 2>&1
    echo $? >build/logs/swift.status
  } | tee build/logs/swift.log
  grep -qx -e 0 -e 77 build/logs/swift.status
}

test_lint() {
  check "includes between rooms" /usr/bin/python3 -B scripts/rooms.py
  check "clang-format" check_format
  [ -f build/host/compile_commands.json ] || augur_phase "host: configure" augur_build host augur_schema_header
  check "clang-tidy" sh scripts/tidy.sh
}

begin=$(date +%s)
augur_start test
echo "Augur: tests (log: build/logs/test.log)"
if [ -z "${AUGUR_TEST_DATA-}" ]; then
  echo "  AUGUR_TEST_DATA is not set: tests on external data are skipped."
fi

groups="build test"
if wants aarch64 || wants armv7 || wants instructions; then groups="$groups cross"; fi
if wants android || wants size; then groups="$groups phones"; fi
if wants fuzz; then groups="$groups fuzz"; fi
if wants ios; then groups="$groups ios"; fi
if wants python; then groups="$groups python"; fi
if wants wheel; then groups="$groups wheel"; fi
if wants jvm; then groups="$groups java"; fi
if wants package; then groups="$groups phones java ios"; fi
if wants lint; then groups="$groups lint"; fi
augur_install_packages $groups || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
augur_use_ccache

[ $configure_only = yes ] || part fresh test_fresh
part host build_and_test host
part asan build_and_test asan augur_tests
part tsan build_and_test tsan augur_thread_tests
part aarch64 test_aarch64
part armv7 test_armv7
part fuzz build_and_test fuzz augur_fuzzers
if [ $configure_only = no ]; then
  part instructions test_instructions
  part android test_android
  part jvm test_jvm
  part size test_size
  part ios test_ios
  part python test_python
  part wheel test_wheel
  part swift test_swift
  part package test_package
  part lint test_lint
fi

echo
echo "  part           time"
printf '%s' "$times" | while read -r name seconds; do
  printf '  %-12s %3d min %02d s\n' "$name" $((seconds / 60)) $((seconds % 60))
done
seconds=$(($(date +%s) - begin))
printf '  %-12s %3d min %02d s\n' all $((seconds / 60)) $((seconds % 60))
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
