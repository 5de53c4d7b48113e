# Adds up what `python3 -m unittest` says at its end and prints "passed failed skipped".
/^Ran [0-9]+ tests?/ { ran += $2 }
/^(OK|FAILED)( \(.*\))?$/ {
  line = $0
  while (match(line, /(failures|errors|skipped|unexpected successes)=[0-9]+/)) {
    split(substr(line, RSTART, RLENGTH), pair, "=")
    if (pair[1] == "skipped") skipped += pair[2]
    else failed += pair[2]
    line = substr(line, RSTART + RLENGTH)
  }
}
END { print ran - failed - skipped, failed + 0, skipped + 0 }
