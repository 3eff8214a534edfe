#!/bin/sh
# Our robots and tasks beside PyBullet's: same files, same torques, same joints.
# usage: tests/peers/physics.sh ROBOT_TRACE TASK_TRACE FOLDER
#   ROBOT_TRACE, TASK_TRACE  the programs built beside this script
#   FOLDER                   where the Python environment is made
set -eu
if [ $# -ne 3 ]; then
  echo "usage: tests/peers/physics.sh ROBOT_TRACE TASK_TRACE FOLDER" >&2
  exit 2
fi
robot_trace=$(realpath "$1")
task_trace=$(realpath "$2")
root=$(realpath "$(dirname "$0")/../..")
mkdir -p "$3"
cd "$3"
"$root/tests/peers/setup.sh" venv-pybullet "$root/tools/bench/peers/pybullet_requirements.txt"
models=$root/envs/robots/models
echo "== the same URDF"
venv-pybullet/bin/python "$root/tests/peers/pybullet_view.py" "$robot_trace" \
  "$models/inverted_pendulum.urdf:fixed:2:-" \
  "$models/inverted_double_pendulum.urdf:fixed:2:-" \
  "$models/hopper.urdf:fixed:5:0.05" \
  "$models/half_cheetah.urdf:fixed:3:0" \
  "$models/ant.urdf:free:5:0.4" \
  "$models/humanoid.urdf:free:0.3:1.3" \
  "$models/dog.urdf:free:0.02:0.3" \
  "$root/tests/envs/robots/every_joint.urdf:free:0.3:0.15"
echo "== the same tasks"
venv-pybullet/bin/python "$root/tests/peers/pybullet_tasks.py" "$task_trace"
echo "physics: all agree"
