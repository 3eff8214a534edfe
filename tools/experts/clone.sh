#!/bin/sh
# One cell of the table in docs/cloning-results.md: clones the synthetic operator's demonstrations of a task, with
# nothing but defaults, and evaluates the policy on 200 episodes that it has not seen.
# usage: tools/experts/clone.sh TASK POLICY SEED OUT [UNDERSTUDY]
#   TASK        of those that a person can drive; 200 demonstrations of Push, 50 of others, made where OUT has none.
#               With -6 after it, as in Push-6: of six operators
#   POLICY      mlp, gmm (an mlp with that head), rnn, transformer, act, diffusion, flow or stream
#   OUT         folder for OUT/TASK.h5, the runs OUT/TASK-POLICY-SEED and a line each in OUT/results.tsv; a cell that
#               has one is left alone
#   UNDERSTUDY  the program; default: build/release/bin/understudy
# THREADS (default 2): of a training. The time in the table is the processor's, so that it can be told on a busy
# machine.
set -eu
if [ $# -lt 4 ]; then
  echo "usage: tools/experts/clone.sh TASK POLICY SEED OUT [UNDERSTUDY]" >&2
  exit 2
fi
name=$1 policy=$2 seed=$3 out=$4
understudy=${5:-$(dirname "$0")/../../build/release/bin/understudy}
task=${name%-6} operators=
if [ "$task" != "$name" ]; then operators="--operators 6"; fi
run=$out/$name-$policy-$seed
mkdir -p "$out"
results=$out/results.tsv
if [ ! -s "$results" ]; then
  printf 'task\tpolicy\tseed\tsuccess\tlow\thigh\treturn\tbest_reward\tcpu_seconds\n' >"$results"
fi
if grep -q "^$name	$policy	$seed	" "$results"; then exit 0; fi

case $task in Push) demos=200 ;; *) demos=50 ;; esac
if [ ! -s "$out/$name.h5" ]; then
  # shellcheck disable=SC2086  # the options are meant to be split
  "$understudy" record --env "$task" --device synthetic --headless $operators --episodes "$demos" --out "$out/$name.h5"
fi
case $policy in gmm) kind="mlp --head gmm" ;; *) kind=$policy ;; esac
# shellcheck disable=SC2086
train() { "$understudy" train bc --env "$task" --data "$out/$name.h5" --policy $kind --seed "$seed" --out "$run" \
  --threads "${THREADS:-2}" --force; }
train
seconds=$(times | awk 'NR == 2 { gsub(/[ms]/, " "); print $1 * 60 + $2 + $3 * 60 + $4 }')
"$understudy" eval "$run" --episodes 200 --json |
  python3 -c '
import json, sys
p = json.load(sys.stdin)["policies"][0]
low, high = p["success_interval"]
print(*sys.argv[1:4], *(f"{x:.4g}" for x in (p["success_rate"], low, high, p["mean_return"], p["mean_best_reward"])),
      f"{float(sys.argv[4]):.0f}", sep="\t")' "$name" "$policy" "$seed" "$seconds" >>"$results"
tail -n 1 "$results"
