#!/bin/sh
# Collects what imitate.sh left in OUT: runs.csv with every run's own final figures, and per task and number
# of demonstrations a table of expert, random actions and clones, which know no share and no distance of their
# own. usage: tools/experts/measure.sh OUT RESULTS [UNDERSTUDY]
#   RESULTS     folder for these
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
# shellcheck disable=SC2046  # the list is meant to be split
"$understudy" runs --csv $(find . -maxdepth 1 -name '*-*-*-*' -printf '%f\n' | sort) >"$results/runs.csv"
for demonstrations in "$here"/*/demos.h5; do
  task=$(basename "$(dirname "$demonstrations")")
  for demos in 1 11; do
    clones=$(find . -maxdepth 1 -name "$task-bc-$demos-*" -printf '%f\n' | sort)
    if [ -z "$clones" ]; then continue; fi
    ln -sf "$here/$task/policy.pt" "$task-expert.pt"  # for a short name in the table
    # shellcheck disable=SC2086  # the list is meant to be split
    "$understudy" eval "$task-expert.pt" random $clones --env "$task" --episodes 100 --data "$demonstrations" \
      --demos "$demos" --subsample 20 | sed '/points of success/d' >"$results/$task-$demos.txt"
    rm "$task-expert.pt"
  done
done
