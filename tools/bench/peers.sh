#!/bin/sh
# Speed beside the peers' on this machine, in one go: they and we take turns, so that a drift of the machine hits all of
# them, and the medians and their ratios are printed.
# usage: tools/bench/peers.sh train|env [UNDERSTUDY [ROUNDS [SECONDS]]]
#   train       behavioural cloning: imitation and robomimic
#   env         steps per second of the tasks: PyBullet's environments
#   UNDERSTUDY  the program; default: build/release/bin/understudy
#   ROUNDS      turns of each; default: 5
#   SECONDS     length of a sample, s; default: 3
# Sets the peers up itself in build/bench-peers (Debian 12; see tests/peers/setup.sh for what that needs). Keep the
# machine otherwise idle. The raw samples stay in build/bench-peers/results.
set -eu
suite=${1:-}
case $suite in
  train) peers="imitation_bc robomimic_bc" list=requirements.txt ;;
  env) peers="pybullet_env" list=pybullet_requirements.txt ;;
  *) echo "usage: tools/bench/peers.sh train|env [UNDERSTUDY [ROUNDS [SECONDS]]]" >&2; exit 2 ;;
esac
understudy=$(realpath -m "${2:-$(dirname "$0")/../../build/release/bin/understudy}")
cd "$(dirname "$0")/../.."
rounds=${3:-5}
seconds=${4:-3}
folder=build/bench-peers/$suite
here=tools/bench/peers

if [ ! -x "$understudy" ]; then
  echo "tools/bench/peers.sh: no program at $understudy; build it with tools/build.sh or name it" >&2
  exit 1
fi
case $rounds in
  '' | *[!0-9]* | 0) echo "tools/bench/peers.sh: want a number of rounds, found '$rounds'" >&2; exit 2 ;;
esac
tests/peers/setup.sh "$folder/venv" "$here/$list"
rm -rf "$folder/results" && mkdir -p "$folder/results"
round=1
while [ "$round" -le "$rounds" ]; do
  echo "bench: round $round of $rounds (load $(cut -d' ' -f1 /proc/loadavg))" >&2
  "$understudy" bench "$suite" --repeats 1 --seconds "$seconds" --json >"$folder/results/understudy.$round.json"
  for peer in $peers; do
    "$folder/venv/bin/python" "$here/$peer.py" --repeats 1 --seconds "$seconds" >"$folder/results/$peer.$round.json"
  done
  round=$((round + 1))
done
sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1
"$understudy" --version
"$folder/venv/bin/python" "$here/compare.py" "$folder"/results/understudy.*.json -- "$folder"/results/[!u]*.*.json
