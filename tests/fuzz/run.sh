#!/bin/sh
# Damaged files for as long as you like, with the sanitizers. usage: tests/fuzz/run.sh INPUTS [SEED]
#   INPUTS  of each reader; those that read in a process of their own get a tenth
#   SEED    of the damage, default 1; another one is another run
# Leaves what should not have happened in build/fuzz, and says so.
set -eu
[ $# -ge 1 ] || { echo "usage: tests/fuzz/run.sh INPUTS [SEED]" >&2; exit 2; }
inputs=$1
seed=${2:-1}
cd "$(dirname "$0")/../.."
cmake --preset asan >/dev/null
cmake --build --preset asan --parallel "$(nproc)" --target fuzz
failed=0
for reader in $(build/asan/bin/fuzz); do
  count=$inputs
  case $reader in mesh | dataset | robot) count=$((inputs / 10)) ;; esac
  LD_LIBRARY_PATH="$PWD/build/asan/lib" build/asan/bin/fuzz "$reader" "$count" "$seed" "build/fuzz/$reader" || {
    echo "$reader: failed; if it crashed, on build/fuzz/$reader/input.*" >&2
    failed=1
  }
done
exit $failed
