#!/bin/sh
# Measures what imitate.sh left in OUT: each task's runs, its expert and random actions on the same 100 episodes, beside
# the demonstrations that were imitated. usage: tools/experts/measure.sh OUT RESULTS [UNDERSTUDY]
#   RESULTS     folder for the tables, one per task and number of demonstrations, and runs.csv: steps, minutes, options
#   UNDERSTUDY  the program; default: build/release/bin/understudy
set -eu
if [ $# -lt 2 ]; then
  echo "usage: tools/experts/measure.sh OUT RESULTS [UNDERSTUDY]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
understudy=$(realpath "${3:-$here/../../build/release/bin/understudy}")
mkdir -p "$2"
results=$(cd "$2" && pwd)
cd "$1"
for demonstrations in "$here"/*/demos.h5; do
  task=$(basename "$(dirname "$demonstrations")")
  for demos in 1 11; do
    runs=$(find . -maxdepth 1 -name "$task-*-$demos-*" -printf '%f\n' | sort)
    if [ -z "$runs" ]; then continue; fi
    # shellcheck disable=SC2086  # the list is meant to be split
    "$understudy" eval "$here/$task/policy.pt" random $runs --env "$task" --episodes 100 --data "$demonstrations" \
      --demos "$demos" --subsample 20 | sed "s|$here/||; /points of success/d" >"$results/$task-$demos.txt"
  done
done
"$understudy" runs --csv -- * >"$results/runs.csv"
