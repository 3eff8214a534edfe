#!/bin/sh
# Trains an expert and a clone for a moment, the expert twice, and lets TensorBoard read their event
# files. usage: tests/peers/tensorboard.sh UNDERSTUDY FOLDER
#   UNDERSTUDY  the program
#   FOLDER      everything is made in here; what an earlier run left, the Python environment excepted, is removed
set -eu

if [ $# -ne 2 ]; then
  echo "usage: tests/peers/tensorboard.sh UNDERSTUDY FOLDER" >&2
  exit 2
fi
understudy=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
mkdir -p "$2"
cd "$2"
rm -rf tensorboard
mkdir tensorboard

"$here/setup.sh" venv-tensorboard "$here/tensorboard_requirements.txt"
unset DISPLAY WAYLAND_DISPLAY
export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy PYTHONDONTWRITEBYTECODE=1

"$understudy" record --env Reach --device synthetic --episodes 4 --seed 1 --out tensorboard/demos.h5
"$understudy" train bc --data tensorboard/demos.h5 --env Reach --epochs 3 --eval-episodes 2 --final-episodes 2 \
  --linear-output --out tensorboard/clone
"$understudy" train ppo --env InvertedPendulumSwingup --steps 4096 --eval-every 2048 --eval-episodes 2 \
  --final-episodes 2 --out tensorboard/expert
"$understudy" resume tensorboard/expert --steps 8192
venv-tensorboard/bin/python "$here/tensorboard_view.py" tensorboard/clone tensorboard/expert
echo "peers: TensorBoard shows scalars and hyperparameters"
