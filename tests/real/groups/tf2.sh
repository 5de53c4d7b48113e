# DeepCTR for Keras, and the DIEN authors' models, live on TensorFlow 2.12, which needs Python 3.8 to 3.11.
if ! /usr/bin/python3 -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 11))'; then
  echo "skipped: TensorFlow 2.12 needs Python 3.9 to 3.11, but /usr/bin/python3 is $(/usr/bin/python3 --version)"
  : >"build/real/$group.jsonl"
else
  python=$(augur_python_environment tests/real/environments/tensorflow-2.12.txt) || exit 1
  "$python" -B -m tf.live --results "build/real/$group.jsonl" ${only:+--only "$only"} 2>"build/real/$group.log" ||
    echo "what TensorFlow said is in build/real/$group.log"
  EAGER_DIN=1 "$python" -B -m tf.live --results "build/real/$group-eager.jsonl" ${only:+--only "$only"} 2>>"build/real/$group.log" ||
    echo "what TensorFlow said is in build/real/$group.log"
  cat "build/real/$group-eager.jsonl" >>"build/real/$group.jsonl"
fi
