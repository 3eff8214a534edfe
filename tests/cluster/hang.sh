#!/bin/bash
# Stops one of three ranks (SIGSTOP, as a machine that hangs): the others name it, and its host, within the time limit.
# usage: tests/cluster/hang.sh UNDERSTUDY FOLDER
set -eu
understudy=$1
folder=$2
mkdir -p "$folder"
. "$(dirname "$0")/learners.sh"
# shellcheck disable=SC2046
ranks 3 $(training ppo | sed 's/--steps 1600/--steps 10000000/') --out "$folder/hang" --force --mpi-timeout 5 >"$folder/hang.log" 2>&1 &
job=$!
for _ in $(seq 60); do
  sleep 1
  [ -f "$folder/hang/checkpoints/last.ckpt" ] && break
done
mapfile -t processes < <(pgrep -P "$(pgrep -P "$job" mpirun || echo "$job")" understudy)
rank=$(tr '\0' '\n' <"/proc/${processes[1]}/environ" | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
kill -STOP "${processes[1]}"
SECONDS=0
code=0
wait "$job" || code=$?
kill -KILL "${processes[1]}" 2>/dev/null || true
grep -o 'understudy: exchange.*' "$folder/hang.log" || { cat "$folder/hang.log"; exit 1; }
[ "$(grep -c 'understudy: ' "$folder/hang.log")" -eq 1 ]
grep -q "heard nothing of rank $rank on host $(hostname)" "$folder/hang.log"
[ "$code" -ne 0 ]
echo "hang: rank $rank was named after $SECONDS s"
