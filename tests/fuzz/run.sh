#!/bin/sh
# Damaged files for as long as you like, with the sanitizers. usage: tests/fuzz/run.sh INPUTS [SEED [READER...]]
#   INPUTS  of each reader; those that read in a process of their own get a tenth
#   SEED    of the damage, default 1; another one is another run
#   READER  default: all of them
# Leaves what should not have happened in build/fuzz, and says so.
#
# With Clang there is libFuzzer too, which keeps what reaches new code, for the readers that need no LibTorch:
#   cmake --preset libfuzzer && cmake --build --preset libfuzzer --target libfuzzer
#   mkdir -p build/fuzz/urdf && UNDERSTUDY_READER=urdf build/libfuzzer/bin/libfuzzer -max_total_time=3600 \
#     -rss_limit_mb=4096 build/fuzz/urdf tests/fuzz/corpus/urdf
set -eu
[ $# -ge 1 ] || { echo "usage: tests/fuzz/run.sh INPUTS [SEED [READER...]]" >&2; exit 2; }
inputs=$1
seed=${2:-1}
cd "$(dirname "$0")/../.."
cmake --preset asan >/dev/null
cmake --build --preset asan --parallel "$(nproc)" --target fuzz
if [ $# -gt 2 ]; then shift 2; else set -- $(build/asan/bin/fuzz); fi
failed=0
for reader in "$@"; do
  count=$inputs
  case $reader in stl | obj | dae | dataset | robot | robomimic | isaaclab | d4rl | minari) count=$((inputs / 10)) ;; esac
  LD_LIBRARY_PATH="$PWD/build/asan/lib" build/asan/bin/fuzz "$reader" "$count" "$seed" "build/fuzz/$reader" || {
    echo "$reader: failed; if it crashed, on build/fuzz/$reader/input.*" >&2
    failed=1
  }
done
exit $failed
