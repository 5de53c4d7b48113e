#!/bin/sh
# Makes the sample's model, AugurSample/shop.augur, from the checkpoint in examples/shop. It builds the converter first
# if it is not there.
set -eu

cd "$(dirname "$0")/../../.."
convert=build/host/bin/augur-convert
if [ ! -x "$convert" ]; then
  cmake --preset demo
  cmake --build build/host --target augur-convert
fi
"$convert" --weights examples/shop/dien.safetensors --layout augur-reference --set kind=dien --set max_history=50 \
  --vocabulary item=examples/shop/item_keys.txt --embeddings fp16 --out platforms/ios/sample/AugurSample/shop.augur
