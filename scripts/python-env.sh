#!/bin/sh
# Makes the Python environment of the tests once, and prints the path of its Python.
#
#   sh scripts/python-env.sh [REQUIREMENTS]
#
# It is a virtual environment in the cache, over /usr/bin/python3 with Debian's packages (NumPy, PyTorch, h5py), and has the
# pinned packages of REQUIREMENTS (toolchains/python/tests.txt) besides. The folder's name is a hash of that file and of
# Python's version, so that a change makes a new one. On Debian it needs: apt-get install python3-venv python3-pip
set -u

. "$(dirname "$0")/common.sh"

requirements=${1:-$augur_root/toolchains/python/tests.txt}
augur_python_environment "$requirements"
