#!/bin/sh
# Speed beside the peers' on this machine, in one go: they and we take turns, so that a drift of the machine
# hits all of them, and the medians and their ratios are printed.
# usage: tools/bench/peers.sh train|sequence|env|rl|pwil [UNDERSTUDY [ROUNDS [SECONDS]]]
#   train       behavioural cloning: imitation and robomimic
#   sequence    cloning of policies that plan or remember: robomimic's BC-RNN, LeRobot's ACT and diffusion
#   env         steps per second of the tasks: PyBullet's environments
#   rl          reinforcement learning and GAIL: Stable-Baselines3, imitation and RLtools
#   pwil        PWIL's rewards: google-research's rewarder.py
#   UNDERSTUDY  the program, or - for the peers alone; default: build/release/bin/understudy
#   ROUNDS      turns of each; default: 5
#   SECONDS     length of a sample, s; default: 3
# PWIL=/path/to/google-research/pwil names the reference rewarder, which is on no package index; without it a
# NumPy transcription of the paper's algorithm, several times faster, stands in. RLTOOLS=/path/to/a/checkout
# measures another RLtools than PyPI's; g++ compiles it.
# Sets the peers up itself in build/bench-peers (Debian 12; see tests/peers/setup.sh for what that needs).
# Keep the machine otherwise idle. The raw samples stay in build/bench-peers/SUITE/results.
#
# rl and pwil compare by the names in `understudy bench rl --json` and `bench pwil --json`, which have the
# form of `bench train --json` and in each measurement also "threads"; a name may occur once for each number
# of threads. All are rates:
#   sac_256, td3_256  updates/s  17 observed, 6 actions, 256-256 ReLU, batch 256, from a full replay of 100,000 random
#                                transitions. An update is a step of both critics, with SAC also of the
#                                actor and the temperature, with TD3 of the actor every second time;
#                                target networks included.
#   sac_64            updates/s  the same with 3 observed, 1 action, 64-64 ReLU, batch 100
#   ppo_64            samples/s  collecting and learning: 8 environments of 5 observed and 1 action (our swing-up),
#                                64-64 tanh, rollouts of 256 steps of each, 10 epochs, minibatches of 64
#   gail_pendulum     steps/s    steps of all 8 Pendulum-v1 (3 observed, 1 action) together. A round: 256 steps of
#                                each, PPO with 64-64 tanh, 5 epochs, minibatches of 64, and 8 discriminator
#                                updates with 1024 demonstrated and 1024 own transitions, 32-32 ReLU.
#   pwil_ATOMS_DIM    rewards/s  ATOMS 50 or 550, DIM 23 or 119 (17 + 6, 111 + 8); episodes and horizon of 1000 steps
set -eu
suite=${1:-}
# A peer is a script in tools/bench/peers; @N: on N threads.
here=tools/bench/peers
lists=$here  # where the list of packages is
measures=$suite  # what `understudy bench` is asked for
only=""
case $suite in
  train) peers="imitation_bc robomimic_bc" list=requirements only="--only bc" ;;
  sequence)
    peers="robomimic_rnn robomimic_rnn@2 lerobot_plans lerobot_plans@2" list=sequence_requirements
    lists=tests/peers measures=train
    only="--only rnn,act,diffusion"
    ;;
  env) peers="pybullet_env" list=pybullet_requirements ;;
  rl) peers="sb3_off_policy sb3_off_policy@2 sb3_ppo imitation_gail rltools_rl" list=requirements ;;
  pwil) peers="pwil_rewarder" list=pwil_requirements ;;
  *) echo "usage: tools/bench/peers.sh train|sequence|env|rl|pwil [UNDERSTUDY [ROUNDS [SECONDS]]]" >&2; exit 2 ;;
esac
understudy=${2:-$(dirname "$0")/../../build/release/bin/understudy}
if [ "$understudy" != - ]; then understudy=$(realpath -m "$understudy"); fi
cd "$(dirname "$0")/../.."
rounds=${3:-5}
seconds=${4:-3}
folder=build/bench-peers/$suite
venv=build/bench-peers/venv-$list

if [ "$understudy" != - ] && [ ! -x "$understudy" ]; then
  echo "tools/bench/peers.sh: no program at $understudy; build it with tools/build.sh or name it" >&2
  exit 1
fi
case $rounds in
  '' | *[!0-9]* | 0) echo "tools/bench/peers.sh: want a number of rounds, found '$rounds'" >&2; exit 2 ;;
esac
tests/peers/setup.sh "$venv" "$lists/$list.txt"
case $peers in
  *rltools*) "$venv/bin/python" "$here/rltools_rl.py" --compile ;;  # not while the rounds take turns
esac
if [ "$suite" = pwil ] && [ -z "${PWIL:-}" ]; then
  echo "bench: PWIL names no rewarder.py: a NumPy transcription stands in for google-research's" >&2
fi
rm -rf "$folder/results" && mkdir -p "$folder/results/ours" "$folder/results/peers" "$folder/results/defaults"
# Debian's OpenBLAS does not know newer processors and takes a far lesser kernel there, which this program
# mends for itself. The peers get the same kernel, so that programs are compared and not that; what they reach
# by themselves stands beside it.
kernel=${OPENBLAS_CORETYPE:-}
if [ -z "$kernel" ] && [ "$understudy" != - ]; then
  kernel=$("$understudy" bench train --only 32-32 --repeats 1 --seconds 0.01 --json | sed -n 's/^ *"blas_kernel": "\([A-Za-z0-9_]*\)".*/\1/p')
fi
sample() {  # sample PEER FOLDER: with OPENBLAS_CORETYPE as it stands
  case $1 in *@*) threads=${1#*@} ;; *) threads=1 ;; esac
  "$venv/bin/python" "$here/${1%@*}.py" --threads "$threads" --repeats 1 --seconds "$seconds" \
    >"$folder/results/$2/$1.$round.json"
}
round=1
while [ "$round" -le "$rounds" ]; do
  echo "bench: round $round of $rounds (load $(cut -d' ' -f1 /proc/loadavg))" >&2
  if [ "$understudy" != - ]; then
    # shellcheck disable=SC2086  # the words of only
    "$understudy" bench "$measures" $only --repeats 1 --seconds "$seconds" --json >"$folder/results/ours/$round.json"
  fi
  for peer in $peers; do
    if [ -z "$kernel" ] || [ -n "${OPENBLAS_CORETYPE:-}" ]; then
      sample "$peer" peers
    else
      (export OPENBLAS_CORETYPE="$kernel" && sample "$peer" peers)
      if [ "$round" -eq 1 ]; then sample "$peer" defaults; fi
    fi
  done
  round=$((round + 1))
done
sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1
if [ "$understudy" != - ]; then "$understudy" --version; fi
[ -z "$(ls "$folder/results/defaults")" ] || echo "OpenBLAS's kernel: $kernel; in the last column, the peer with the one that OpenBLAS takes by itself"
"$venv/bin/python" "$here/compare.py" "$folder/results/ours" "$folder/results/peers" "$folder/results/defaults"
