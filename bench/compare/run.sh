#!/bin/sh
# Compares Augur with onnxruntime, LiteRT, ExecuTorch, MNN, ncnn and PyTorch on this machine (Debian 12), on one core. Each
# contender is a process of its own; one runs at a time, in turn.
#
#   sh bench/compare/run.sh [--help] [--only litert,onnxruntime] [--case bilinear-36-100:1,10,100,500]... [--rounds 5]
#   sh bench/compare/run.sh --prepare       everything but the measuring; later runs use what was made
#
# Writes build/compare/{results.json,table.md,chart.svg}, or into --out. Packages are pinned in environments/; they and the
# models are kept in the cache (10 GB: PyTorch's package has its GPU libraries). A runtime that cannot be installed is left
# out. The first time takes some ten minutes of processor time to make the models.
set -eu

augur_up=../..
. "$(dirname "$0")/../../scripts/common.sh"
augur_start compare
augur_install_packages build compare
augur_use_ccache
exec /usr/bin/python3 -B bench/compare/compare.py "$@"
