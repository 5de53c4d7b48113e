# The libraries on PyTorch: DeepCTR-Torch, RecBole, torch-rechub, FuxiCTR. Debian's PyTorch runs all of them.
augur_install_packages python || exit 1
python=$(augur_python_environment tests/real/environments/pytorch.txt) || exit 1
"$python" -m pytorch.run --results "build/real/$group.jsonl" ${only:+--only "$only"} || true
