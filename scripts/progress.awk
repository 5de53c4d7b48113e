# Reads the log of a running command and prints how far it is, in a few words, or nothing if the log does not tell. It
# knows the "[n/m]" of ninja and clang-tidy, ctest's "n/m Test", the progress lines of these scripts, and apt's lines.
# With -v want=log it prints the last FILE of a line "(once; log: FILE)" instead: the log of a build within a build.

/^ *\[[0-9]+\/[0-9]+\]/ { match($0, /[0-9]+\/[0-9]+/); split(substr($0, RSTART, RLENGTH), step, "/"); far = step[1] " of " step[2] }
match($0, /^ *[0-9]+\/[0-9]+ Test /) { split($0, step, /[ \/]+/); i = (step[1] == "") ? 2 : 1; far = step[i] " of " step[i + 1] " tests" }
match($0, /[0-9]+ newly installed/) { split(substr($0, RSTART), word, " "); all = word[1]; got = unpacked = ready = 0 }
/^  [a-z].* [0-9]+ of [0-9]+[a-z ]*, [0-9]+ s$/ { far = $0; gsub(/ +/, " ", far); sub(/^ /, "", far); sub(/, [0-9]+ s$/, "", far) }
/^Get:[0-9]/ { last = ++got " of " all " packages fetched" }
/^Unpacking / { last = ++unpacked " of " all " packages unpacked" }
/^Setting up / { last = ++ready " of " all " packages set up" }
/\(once; log: / { nested = $0; sub(/^.*\(once; log: /, "", nested); sub(/\)$/, "", nested) }
/^ *-- Building .* took / { nested = "" }

END {
  if (want == "log") { print nested; exit }
  if (all > 0) far = last
  print far
}
