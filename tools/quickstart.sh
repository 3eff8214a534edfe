#!/bin/sh
# The main job on a bare machine: installs what is missing, builds, lets a synthetic operator record
# demonstrations at a virtual gamepad, clones them, and measures the policy on episodes it has never seen.
# usage: tools/quickstart.sh [TASK ...]     default: Reach Drive. SEED=2 chooses another seed.
# A person with a pad does the same by hand with: understudy record, understudy train bc, understudy eval.
set -eu
cd "$(dirname "$0")/.."
tasks=${*:-Reach Drive}
seed=${SEED:-1}

started=$(date +%s)
say() { echo; echo "[$(($(date +%s) - started)) s] $*"; }

say "1. Installing what is missing"
tools/setup.sh
say "2. Building"
tools/build.sh -DUNDERSTUDY_TESTS=OFF
understudy=build/release/bin/understudy

mkdir -p runs
for task in $tasks; do
  out=runs/quickstart-$task-seed$seed
  rm -rf "$out" && mkdir "$out"
  say "3. $task: recording 20 demonstrations by a synthetic operator at a virtual gamepad"
  $understudy record --env "$task" --device synthetic --episodes 20 --seed "$seed" --out "$out/demos.h5"
  say "4. $task: cloning them"
  $understudy train bc --data "$out/demos.h5" --env "$task" --seed "$seed" --out "$out/bc"
done
say "5. Measuring each policy on 200 unseen episodes, beside the expert and a random policy"
for task in $tasks; do
  $understudy eval "runs/quickstart-$task-seed$seed/bc" expert random --env "$task" --seed "$seed" --episodes 200
  echo
done
say "Done. Watch a policy: $understudy play runs/quickstart-$task-seed$seed/bc/policy.pt --env $task"
