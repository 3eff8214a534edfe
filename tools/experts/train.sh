#!/bin/sh
# Trains a task's expert from the task's own reward, with the options that the shipped one was trained with,
# and records eleven demonstrations of it. Where TD3 comes to a stand, PPO goes on from its policy.
# usage: tools/experts/train.sh TASK OUT [UNDERSTUDY]
#   TASK        InvertedPendulumSwingup, Reacher, Hopper, Walker2D, HalfCheetah, Ant, Humanoid or Dog
#   OUT         folder for the run, made by this; that of TD3 before PPO is OUT-td3, the demonstrations are OUT.h5
#   UNDERSTUDY  the program; default: build/release/bin/understudy
set -eu
task=${1:-}
out=${2:-}
understudy=${3:-$(dirname "$0")/../../build/release/bin/understudy}
small="--hidden 64,64 --batch 128 --eval-every 10000"
refine=
ppo="--environments 8 --rollout 8192 --batch 512 --epochs 10 --eval-every 200000"
wide="--hidden 128,128 --batch 128 --start 10000 --learning-rate 1e-3 --gamma 0.98"
case $task in
  InvertedPendulumSwingup)
    options="sac $small --steps 120000 --start 2000 --learning-rate 1e-3 --eval-episodes 5 --seed 2" ;;
  Reacher)
    options="sac $small --steps 300000 --start 5000 --learning-rate 1e-3 --gamma 0.98 --tau 0.01 --decay true --average 1000" ;;
  Hopper)
    options="td3 $wide --steps 800000 --decay true --average 2000 --eval-every 20000" ;;
  Walker2D)
    options="td3 $wide --steps 700000 --decay true --average 2000 --eval-every 20000 --seed 2"
    refine="$ppo --steps 4000000 --deviation 0.1 --learning-rate 1e-4 --clip 0.1" ;;
  HalfCheetah)
    options="td3 $wide --steps 425000 --eval-every 25000 --eval-episodes 5" ;;
  Ant)
    options="td3 $wide --steps 400000 --eval-every 25000 --eval-episodes 5"
    refine="$ppo --steps 12000000 --deviation 0.15 --learning-rate 3e-4" ;;
  Humanoid)
    options="ppo $ppo --hidden 128,128 --steps 7000000 --deviation 0.4 --learning-rate 3e-4 --decay true" ;;
  Dog)
    options="ppo $ppo --hidden 128,128 --steps 4000000 --deviation 0.4 --learning-rate 3e-4 --decay true" ;;
  *)
    echo "usage: tools/experts/train.sh TASK OUT [UNDERSTUDY], TASK one of InvertedPendulumSwingup, Reacher, Hopper," \
      "Walker2D, HalfCheetah, Ant, Humanoid and Dog" >&2
    exit 2 ;;
esac
if [ -z "$out" ]; then
  echo "tools/experts/train.sh: want a folder for the run; none given" >&2
  exit 2
fi
# shellcheck disable=SC2086  # the options are meant to be split
if [ -n "$refine" ]; then
  "$understudy" train $options --env "$task" --out "$out-td3"
  "$understudy" train ppo $refine --env "$task" --warm-start "$out-td3/policy.pt" --out "$out"
else
  "$understudy" train $options --env "$task" --out "$out"
fi
"$understudy" record --env "$task" --device scripted --policy "$out" --episodes 11 --out "$out.h5"
