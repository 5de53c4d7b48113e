# TensorFlow 1, where the package cannot run: augur_dump.py, copied alone, writes dumps, and they are exported here.
#   DeepCTR for Keras on TensorFlow 1.15 and Python 3.7; the DIEN authors' models on TensorFlow 1.4.1 and Python 2.7.
# An interpreter that is not found is said, and its part left out.

# tf1_interpreter VERSION: the path of a Python of this version, "" if there is none.
tf1_interpreter() {
  for tf1_python in "$(command -v "python$1" 2>/dev/null)" "$HOME"/.pyenv/versions/"$1".*/bin/"python$1"; do
    [ -n "$tf1_python" ] && "$tf1_python" -c 'import zlib, ssl' 2>/dev/null || continue
    echo "$tf1_python"
    return 0
  done
}

# tf1_environment REQUIREMENTS INTERPRETER: as augur_python_environment, for another interpreter. Python 2.7 has no module
# venv: virtualenv makes its environment.
tf1_environment() {
  tf1_key=$({ "$2" --version 2>&1; cat "$1"; } | sha256sum | cut -c 1-16)
  tf1_folder=$(augur_cache_folder)/python/$(basename "$1" .txt)-$tf1_key
  if [ ! -f "$tf1_folder/complete" ]; then
    rm -rf "$tf1_folder"
    tf1_virtualenv=$(augur_python_environment tests/real/environments/virtualenv.txt) || return 1
    "$tf1_virtualenv" -m virtualenv --quiet --python "$2" "$tf1_folder" >&2 || return 1
    "$tf1_folder/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --requirement "$1" >&2 || return 1
    touch "$tf1_folder/complete"
  fi
  echo "$tf1_folder/bin/python"
}

mkdir -p build/real/alone
cp converter/python/augur_rank/augur_dump.py build/real/alone/
tf1_folders=
for tf1_part in "deepctr 3.7 1.15" "authors 2.7 1.4"; do
  set -- $tf1_part
  tf1_found=$(tf1_interpreter "$2")
  if [ -z "$tf1_found" ]; then
    echo "skipped: no python$2, which TensorFlow $3 needs"
    continue
  fi
  python=$(tf1_environment "tests/real/environments/tensorflow-$3.txt" "$tf1_found") || exit 1
  rm -rf "build/real/dumps-$1"
  mkdir -p "build/real/dumps-$1"
  PYTHONPATH=build/real/alone:tests/real "$python" -B -m tf.write_dumps "$1" "build/real/dumps-$1" ${only:+--only "$only"} \
    2>"build/real/$group-$1.log" || echo "what TensorFlow said is in build/real/$group-$1.log"
  tf1_folders="$tf1_folders build/real/dumps-$1"
done
: >"build/real/$group.jsonl"
[ -z "$tf1_folders" ] || /usr/bin/python3 -B -m tf.dumps $tf1_folders --results "build/real/$group.jsonl" || true
