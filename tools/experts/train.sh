#!/bin/sh
# Trains a task's expert from the task's own reward, with the options that the shipped one was trained with, and records
# eleven demonstrations of it. usage: tools/experts/train.sh TASK OUT [UNDERSTUDY]
#   OUT         folder for the run, made by this; the demonstrations are OUT.h5
#   UNDERSTUDY  the program; default: build/release/bin/understudy
set -eu
task=${1:-}
out=${2:-}
understudy=${3:-$(dirname "$0")/../../build/release/bin/understudy}
case $task in
  InvertedPendulumSwingup) options="--steps 120000 --start 2000 --learning-rate 1e-3 --seed 2 --eval-every 10000" ;;
  Hopper) options="--steps 500000 --start 10000 --learning-rate 7e-4 --gamma 0.98 --tau 0.01 --eval-every 25000" ;;
  *) echo "usage: tools/experts/train.sh InvertedPendulumSwingup|Hopper OUT [UNDERSTUDY]" >&2; exit 2 ;;
esac
if [ -z "$out" ]; then
  echo "tools/experts/train.sh: want a folder for the run; none given" >&2
  exit 2
fi
# shellcheck disable=SC2086  # the options are meant to be split
"$understudy" train sac --env "$task" --out "$out" --hidden 64,64 --batch 128 --eval-episodes 5 $options
"$understudy" record --env "$task" --device scripted --policy "$out" --episodes 11 --out "$out.h5"
