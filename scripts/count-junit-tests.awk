# Adds up what JUnit's console launcher says at its end and prints "passed failed skipped".
/^\[ +[0-9]+ tests successful +\]/ { passed += $2 }
/^\[ +[0-9]+ tests failed +\]/ { failed += $2 }
/^\[ +[0-9]+ containers failed +\]/ { failed += $2 }
/^\[ +[0-9]+ tests (skipped|aborted) +\]/ { skipped += $2 }
END { print passed + 0, failed + 0, skipped + 0 }
