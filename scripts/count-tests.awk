# Adds up the test cases of one CTest run from its LastTest.log and prints "passed failed skipped".
#
# A doctest program counts with its test cases, any other test as one. A line "[skipped] reason" says that a
# test case ended early for want of something: it counts as skipped, not as passed. A program that failed
# without a failed test case (it crashed, leaked or timed out) counts as one failure more.
/^[0-9]+\/[0-9]+ Testing: / { p = f = s = early = 0; is_doctest = 0 }
/^\[skipped\] / { early++ }
/^\[doctest\] test cases: / {
  is_doctest = 1
  split($0, part, "|")
  p += part[2]; f += part[3]; s += part[4]
}
/^Test (Passed|Failed|Skipped|Pass Reason|Fail Reason|Timeout)/ {
  failed_program = ($2 ~ /^(Failed|Fail|Timeout)/)
  skipped_program = ($2 ~ /^Skipped/)
  if (!is_doctest) {
    if (failed_program) f = 1
    else if (skipped_program || early > 0) s = 1
    else p = 1
  } else {
    if (early > p) early = p
    p -= early; s += early
    if (failed_program && f == 0) f = 1
  }
  passed += p; failed += f; skipped += s
  p = f = s = early = is_doctest = 0
}
END { print passed + 0, failed + 0, skipped + 0 }
