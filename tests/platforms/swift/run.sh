#!/bin/sh
# Compiles the Swift package and runs its tests in Debian 13 (scripts/swift.sh), with the libaugur.so and the tools of
# the preset host, which must have been built.
#
#   sh tests/platforms/swift/run.sh
#
# The last line is "N passed, N failed, N skipped". Exit status: 0 passed, 1 failed, 77 skipped, with the reason as the
# last line.
set -u

cd "$(dirname "$0")/../../.."
passed=0 failed=0 skipped=0

sh scripts/swift.sh true
status=$?
[ $status -eq 0 ] || exit $status
# check LABEL COMMAND...: counts a command as one test.
check() {
  label=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $label"
  else
    failed=$((failed + 1))
    echo "FAILED: $label"
  fi
}

# A test that hangs must not hold up the others: everything is ended after ten minutes.
swift() {
  timeout --kill-after=10 600 sh scripts/swift.sh "$@"
}

# Adds "passed failed skipped", as words.
count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

mkdir -p build/swift
check "models and expected answers" sh tests/platforms/swift/make_fixtures.sh build/host/bin build/swift/fixtures
check "augur-bench" sh -c 'build/host/bin/augur-bench build/swift/fixtures/shop.augur --history 20,50 \
  --candidates 1,100 --threads 1,2 --calls 5 --json >build/swift/bench.c.json'

# swift_test ARGUMENT...: `swift test` with the host's library. Without a network, so that nothing is fetched.
swift_test() {
  swift env AUGUR_BENCH_MODEL=/srv/augur/build/swift/fixtures/shop.augur AUGUR_BENCH_HISTORY=20,50 \
    AUGUR_BENCH_CANDIDATES=1,100 AUGUR_BENCH_THREADS=1,2 AUGUR_BENCH_CALLS=20 AUGUR_BENCH_PACE=2,0 \
    AUGUR_BENCH_OUT=/srv/augur/build/swift/bench.swift.json TSAN_OPTIONS=exitcode=66 \
    swift test --disable-sandbox -Xlinker -L/srv/augur/build/host/lib -Xlinker -rpath=/srv/augur/build/host/lib "$@"
}

# Warnings are errors, also those of data races. Optimised, as in an app.
swift_test -c release --scratch-path build/swift/package -Xswiftc -warnings-as-errors \
  -Xswiftc -strict-concurrency=complete >build/swift/test.log 2>&1
status=$?
grep -v '^\[[0-9/]*\]' build/swift/test.log
set -- $(sed -n 's/^.*Executed \([0-9]*\) tests*, with \(\([0-9]*\) tests* skipped and \)*\([0-9]*\) failures*.*/\1 \4 0\3/p' \
  build/swift/test.log | tail -n 1) 0 0 0
[ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" $(($2 + 1)) "$3"
[ "$1" -gt 0 ] || set -- 0 1 0
count $(($1 > $2 + $3 ? $1 - $2 - $3 : 0)) "$2" "$3"

check "threads under ThreadSanitizer" swift_test --sanitize=thread --scratch-path build/swift/tsan --filter ThreadTests
check "Package.swift as on a Mac" swift sh tests/platforms/swift/check_manifest.sh
check "the module in Swift 6" swift sh -c '
  swiftc -typecheck -swift-version 6 -warnings-as-errors -I platforms/ios/Sources/CAugur platforms/ios/Sources/Augur/*.swift'
# All of the sample but its views, with a small module in the place of SwiftUI.
check "the sample without its views, in Swift 6" swift sh -c '
  mkdir -p build/swift/stub &&
    swiftc -emit-module -module-name SwiftUI -emit-module-path build/swift/stub/SwiftUI.swiftmodule \
      tests/platforms/swift/SwiftUI.swift &&
    cd platforms/ios/sample/AugurSample &&
    swiftc -typecheck -swift-version 6 -warnings-as-errors -I ../../Sources/CAugur -I ../../../../build/swift/stub \
      -I ../../../../build/swift/package/release/Modules Catalogue.swift Recommender.swift ShopViewModel.swift'
# The code of the documents: each block is a file that imports Augur.
extract() {
  rm -rf build/swift/documents && mkdir -p build/swift/documents &&
    awk '/^ *```swift$/ { n += 1; file = sprintf("build/swift/documents/%d.swift", n); print "import Augur" >file; next }
      /^ *```$/ { file = ""; next }
      file != "" { print >file }
      END { exit n < 4 }' README.md docs/ios.md platforms/ios/Sources/Augur/Augur.docc/Augur.md
}
check "the code blocks of README.md, docs/ios.md and the DocC article are found" extract
check "these compile" swift sh -c 'for file in build/swift/documents/*.swift; do
  swiftc -typecheck -swift-version 6 -warnings-as-errors -I platforms/ios/Sources/CAugur \
    -I build/swift/package/release/Modules "$file" || exit 1
done'
check "the sample is parsed" swift sh -c 'swiftc -parse platforms/ios/sample/AugurSample/*.swift'
check "DocC without a warning" swift sh -c '
  rm -rf build/swift/symbols build/swift/docs && mkdir -p build/swift/symbols &&
    swiftc -emit-module -module-name Augur -I platforms/ios/Sources/CAugur \
      -emit-module-path build/swift/symbols/Augur.swiftmodule -emit-symbol-graph \
      -emit-symbol-graph-dir build/swift/symbols platforms/ios/Sources/Augur/*.swift &&
    docc convert platforms/ios/Sources/Augur/Augur.docc --additional-symbol-graph-dir build/swift/symbols \
      --output-path build/swift/docs --fallback-display-name Augur --fallback-bundle-identifier dev.augur \
      --warnings-as-errors'
check "swift-format" swift swift-format lint --strict -r --configuration platforms/ios/.swift-format platforms/ios \
  Package.swift

/usr/bin/python3 -B tests/platforms/swift/test_package.py >build/swift/package.log 2>&1
status=$?
cat build/swift/package.log
set -- $(awk -f scripts/count-python-tests.awk build/swift/package.log)
[ $status -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1 "$3"
count "$1" "$2" "$3"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
