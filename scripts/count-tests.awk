# Adds up the test cases of one CTest run from its JUnit file and prints "passed failed skipped".
#
# Counted are the test cases of a doctest program and the tests of a Python unittest; any other test is one. A line
# "[skipped] reason" says that a test case ended early because something is missing: it is counted as skipped, not as
# passed. A program that failed although none of its test cases did (it crashed, leaked or timed out) is one failure.
/^\t<testcase / {
  p = f = s = early = has_cases = 0
  program_failed = /status="fail"/
  program_skipped = /status="(notrun|disabled)"/
}
/<skipped message="Unable to find executable"/ { program_failed = 1 }
/^(\t\t<system-out>)?\[skipped\] / { early++ }
/^(\t\t<system-out>)?\[doctest\] test cases: / {
  has_cases = 1
  split($0, part, "|")
  p += part[2]; f += part[3]; s += part[4]
}
/^Ran [0-9]+ tests? in / {
  has_cases = 1
  p += $2
}
/^(OK|FAILED) \(.*\)$/ {
  line = $0
  while (match(line, /(failures|errors|skipped|unexpected successes)=[0-9]+/)) {
    split(substr(line, RSTART, RLENGTH), pair, "=")
    p -= pair[2]
    if (pair[1] == "skipped") s += pair[2]
    else f += pair[2]
    line = substr(line, RSTART + RLENGTH)
  }
}
/^\t<\/testcase>/ {
  if (has_cases) {
    if (p < 0) p = 0  # a class that failed or was skipped as a whole is not among the tests that ran
    if (early > p) early = p
    p -= early; s += early
    if (program_failed && f == 0) f = 1
  } else if (program_failed) {
    f = 1
  } else if (program_skipped || early > 0) {
    s = 1
  } else {
    p = 1
  }
  passed += p; failed += f; skipped += s
}
END { print passed + 0, failed + 0, skipped + 0 }
