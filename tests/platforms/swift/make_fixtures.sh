#!/bin/sh
# Makes the files that the Swift tests read beside tests/golden, with the host's tools:
#
#   sh tests/platforms/swift/make_fixtures.sh BIN_FOLDER OUT_FOLDER
#
#   NAME.ranked.jsonl      what augur-rank, a program of the C API, answers to a golden file's request
#   NAME.explained.jsonl   the same with attention
#   shop.augur             the shop's DIEN, of the size of a real model
#   shop.ranked.jsonl      its answers to examples/shop/check.requests.jsonl
#   external.augur         the same, whose item table is in item.augurtable
#   item.augurdelta        changes item.augurtable to next.augurtable, with other rows for every 7th item
#   next.ranked.jsonl      the answers with next.augurtable
set -eu

bin=$1 out=$2
shop=examples/shop
mkdir -p "$out"

# convert WEIGHTS ARGUMENT...
convert() {
  weights=$1
  shift
  "$bin/augur-convert" --weights "$weights" --layout augur-reference --set kind=dien --set max_history=50 \
    --vocabulary item=$shop/item_keys.txt "$@" >/dev/null
}

# rank MODEL REQUESTS ARGUMENT...
rank() {
  model=$1 requests=$2
  shift 2
  "$bin/augur-rank" "$model" --requests "$requests" "$@"
}

for name in format1 format2 format3 format3_functions format4; do
  rank tests/golden/$name.augur tests/golden/$name.request.jsonl --out "$out/$name.ranked.jsonl"
  rank tests/golden/$name.augur tests/golden/$name.request.jsonl --explain --out "$out/$name.explained.jsonl" 2>/dev/null ||
    rm -f "$out/$name.explained.jsonl"  # no attention
done

python3 - $shop/dien.safetensors "$out/next.safetensors" <<'END'
import json, struct, sys
data = bytearray(open(sys.argv[1], 'rb').read())
length = struct.unpack_from('<Q', data)[0]
tensor = json.loads(data[8:8 + length])['item_emb.weight']
begin, width = 8 + length + tensor['data_offsets'][0], tensor['shape'][1]
for row in range(3, tensor["shape"][0], 7):
    struct.pack_into(f'<{width}f', data, begin + 4 * width * row, *(0.01 * row % 0.7 - 0.05 * i for i in range(width)))
open(sys.argv[2], 'wb').write(data)
END
convert $shop/dien.safetensors --out "$out/shop.augur"
convert $shop/dien.safetensors --sidecar "item=$out/item.augurtable" --out "$out/external.augur"
convert "$out/next.safetensors" --sidecar "item=$out/next.augurtable" --out "$out/next.augur"
"$bin/augur-convert" --delta "$out/item.augurtable" "$out/next.augurtable" --out "$out/item.augurdelta" >/dev/null
rank "$out/shop.augur" $shop/check.requests.jsonl --out "$out/shop.ranked.jsonl"
rank "$out/external.augur" $shop/check.requests.jsonl --table "item=$out/next.augurtable" --out "$out/next.ranked.jsonl"
