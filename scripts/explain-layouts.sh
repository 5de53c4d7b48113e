#!/bin/sh
# Writes the last block of each page in docs/layouts/ again: what `augur-convert --explain-layout` prints.
#
#   sh scripts/explain-layouts.sh [AUGUR_CONVERT]     (default: that of the host preset's build)
set -eu
cd "$(dirname "$0")/.."
heading="## What the converter assumes and asks"
convert=${1:-build/host/bin/augur-convert}
"$convert" --list-layouts | while read -r name title; do
  page=docs/layouts/$name.md
  [ -f "$page" ] || { echo "$page is missing: write it first" >&2; exit 1; }
  explanation=$("$convert" --explain-layout "$name")
  # The page without that block.
  rest=$(awk -v begin="$name: " '
    /^```text$/ { held = $0; next }
    held != "" { if (index($0, begin) == 1) exit; print held; held = "" }
    { print }' "$page")
  case $rest in
    *"$heading"*) ;;
    *) rest=$(printf '%s\n\n%s' "$rest" "$heading") ;;
  esac
  printf '%s\n\n```text\n%s\n```\n' "$rest" "$explanation" >"$page"
done
