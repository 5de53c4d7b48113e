#!/bin/sh
# Checks the Python package and bench/compare: mypy in strict mode, and ruff. Both are set up in pyproject.toml.
#
#   sh scripts/lint-python.sh [PATH...]     PATHs: what ruff checks, in place of the package and its tests
#   sh scripts/lint-python.sh --fix         lets ruff correct what it can correct safely, then checks
set -u

. "$(dirname "$0")/common.sh"
cd "$augur_root" || exit 1

python=$(augur_python_environment toolchains/python/tests.txt) || exit 1
fix=
if [ "${1-}" = --fix ]; then fix=--fix; shift; fi
[ $# -gt 0 ] || set -- converter/python tests/platforms/wheel tests/real bench/compare tests/compare
status=0
"$python" -m ruff check $fix "$@" || status=1
MYPYPATH=$augur_root/converter/python "$python" -m mypy || status=1
# The runtimes that bench/compare runs are not installed here.
MYPYPATH=$augur_root/bench/compare:$augur_root/converter/python \
  "$python" -m mypy --ignore-missing-imports bench/compare/*.py || status=1
exit $status
