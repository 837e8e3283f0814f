#!/usr/bin/env bash
# Writes the lock files anew from pyproject.toml; needs uv (`pip install uv`).
#
#   requirements/compile.sh              keep what the files pin, add and drop what pyproject.toml asks
#   requirements/compile.sh --upgrade    the newest versions that pyproject.toml allows
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {                        # lock FILE EXTRA...
  local out=requirements/$1.txt extra extras=()
  shift
  for extra; do extras+=(--extra "$extra"); done
  # --universal: one file for every Python and platform that we support. No index address goes into it.
  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command requirements/compile.sh "${options[@]}" "${extras[@]}" -o "$out" pyproject.toml
}
options=("$@")
lock dev demo dev
# The smaller files are pinned to what the big one chose, so that what is tested is what runs.
options+=(--constraint requirements/dev.txt)
lock run demo
lock app
