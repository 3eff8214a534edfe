#!/bin/bash
# Kills a random rank of a training in step at random moments, resumes with another number of ranks, and so on: each
# training ends with the bits of the undisturbed one. Says when each was killed and what a kill cost.
# usage: [LENGTH=N] tests/cluster/kills.sh UNDERSTUDY FOLDER [KILLS [SEED]]
#   LENGTH  of the trainings: 3, or what makes one take most of a minute on a slower or faster machine
set -eu
understudy=$1
folder=$2
kills=${3:-50}
RANDOM=${4:-1}
length=${LENGTH:-3}
mkdir -p "$folder"
. "$(dirname "$0")/learners.sh"

# Long enough that there are checkpoints on the way, which are ten seconds apart.
long() {
  case $1 in
    mlp) training mlp | sed "s/--epochs 4/--epochs ${length}00 --epoch-updates 50 --eval-every 100/; s/--epoch-updates 10//" ;;
    ppo | gail) training "$1" | sed "s/--steps 1600 --eval-every 800/--steps ${length}0000 --eval-every 10000/" ;;
  esac
}

# Starts ranks in the background as job $job.
start() {
  ranks "$@" >"$folder/log" 2>&1 &
  job=$!
}

done=0
while [ "$done" -lt "$kills" ]; do
  for learner in mlp ppo gail; do
    out=$folder/$learner
    # shellcheck disable=SC2046
    if [ ! -f "$folder/$learner.sha256" ]; then
      SECONDS=0
      ranks 2 $(long "$learner") --out "$out" --force >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
      sha256 "$out/policy.pt" >"$folder/$learner.sha256"
      echo "$SECONDS" >"$folder/$learner.seconds"
      echo "$learner undisturbed: $SECONDS s"
    fi
    count=$((RANDOM % 4 + 1))
    # shellcheck disable=SC2046
    start "$count" $(long "$learner") --out "$out" --force
    while true; do
      pause=$((RANDOM % $(cat "$folder/$learner.seconds") + 3))
      for _ in $(seq "$pause"); do
        sleep 1
        kill -0 "$job" 2>/dev/null || break
      done
      if ! kill -0 "$job" 2>/dev/null; then
        wait "$job" || { cat "$folder/log"; echo "tests/cluster/kills.sh: $learner failed, see above" >&2; exit 1; }
        break
      fi
      mapfile -t processes < <(pgrep -P "$(pgrep -P "$job" mpirun || echo "$job")" understudy)
      if [ ${#processes[@]} -gt 0 ] && [ "$done" -lt "$kills" ]; then
        victim=$((RANDOM % ${#processes[@]}))
        kill -9 "${processes[victim]}" || true
        wait "$job" || true
        done=$((done + 1))
        count=$((count % 4 + 1))
        echo "kill $done: $learner, process $victim of ${#processes[@]} after $pause s; resumed with $count"
        if [ -f "$out/checkpoints/last.ckpt" ] && [ -f "$out/manifest.json" ]; then
          start "$count" resume "$out"
        else # before there was anything to go on from
          # shellcheck disable=SC2046
          start "$count" $(long "$learner") --out "$out" --force
        fi
      fi
    done
    if [ "$(sha256 "$out/policy.pt")" != "$(cat "$folder/$learner.sha256")" ]; then
      echo "tests/cluster/kills.sh: $learner: another policy than the undisturbed one's" >&2
      exit 1
    fi
    echo "$learner: the policy of the undisturbed run"
    [ "$done" -lt "$kills" ] || break
  done
done
echo "kills: $done, and every training ended with the undisturbed one's bits"
