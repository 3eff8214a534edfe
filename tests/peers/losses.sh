#!/bin/sh
# Trains a policy of each kind that others have too, for a few updates, and compares its loss, gradient and plans with
# robomimic's and LeRobot's own. usage: tests/peers/losses.sh UNDERSTUDY FOLDER
#   UNDERSTUDY  the program
#   FOLDER      everything is made in here; what an earlier run left, the Python environment excepted, is removed
set -eu

if [ $# -ne 2 ]; then
  echo "usage: tests/peers/losses.sh UNDERSTUDY FOLDER" >&2
  exit 2
fi
understudy=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
mkdir -p "$2"
cd "$2"
rm -rf losses
mkdir losses

"$here/setup.sh" venv-sequence "$here/sequence_requirements.txt"
unset DISPLAY WAYLAND_DISPLAY
export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy PYTHONDONTWRITEBYTECODE=1

"$understudy" record --env Reach --device synthetic --episodes 4 --seed 1 --out losses/demos.h5
train() {  # train NAME OPTIONS...
  name=$1
  shift
  "$understudy" train bc --data losses/demos.h5 --env Reach --seed 1 --epochs 1 --epoch-updates 30 --warm-up 5 \
    --batch 32 --eval-episodes 1 --final-episodes 1 --candidates 1 --no-average --out "losses/$name" "$@" >/dev/null
}
train rnn --policy rnn --width 64 --layers 2 --horizon 10
train act --policy act --width 32 --layers 2
train diffusion --policy diffusion --widths 16,32
train deep --policy diffusion --widths 16,24,32 --history 3 --acting-steps 20
venv-sequence/bin/python "$here/losses.py" rnn losses/rnn/policy.pt act losses/act/policy.pt \
  diffusion losses/diffusion/policy.pt diffusion losses/deep/policy.pt
echo "peers: losses, gradients and plans agree"
