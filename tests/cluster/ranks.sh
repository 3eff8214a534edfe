#!/bin/sh
# Trains every learner that trains in step with 1, 2, 3 and 4 processes: their policies have the same SHA-256.
# usage: tests/cluster/ranks.sh UNDERSTUDY FOLDER [LEARNER...]
set -eu
understudy=$1
folder=$2
shift 2
mkdir -p "$folder"
. "$(dirname "$0")/learners.sh"
[ $# -gt 0 ] && learners=$*
failed=0
for learner in $learners; do
  wanted=""
  for count in 1 2 3 4; do
    out=$folder/$learner-$count
    # shellcheck disable=SC2046  # options are meant to be split
    ranks "$count" $(training "$learner") --out "$out" --force >"$out.log" 2>&1 || {
      cat "$out.log"
      echo "$learner: failed with $count ranks, see $out.log" >&2
      exit 1
    }
    found=$(sha256 "$out/policy.pt")
    echo "$learner $count $found"
    [ "${wanted:=$found}" = "$found" ] || failed=1
  done
done
[ "$failed" -eq 0 ] || { echo "tests/cluster/ranks.sh: policies differ, see above" >&2; exit 1; }
echo "ranks: the same policies whatever the number of ranks"
