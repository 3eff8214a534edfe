#!/bin/sh
# Installs the build tree BUILD into FOLDER and uses it as somebody else would: the example task and the
# control loop are built against it, and the task is recorded, cloned and evaluated as a plugin. usage: run.sh
# BUILD FOLDER
set -eu
build=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

# fails TEXT CODE COMMAND...: COMMAND ends with CODE and says one line on stderr that holds TEXT.
fails() {
  text=$1 code=$2
  shift 2
  status=0
  "$@" >said.out 2>said.err || status=$?
  if [ "$status" != "$code" ] || [ "$(wc -l <said.err)" != 1 ] || ! grep -qF -- "$text" said.err; then
    echo "want one line with '$text' and exit code $code from: $*" >&2
    echo "found exit code $status and:" >&2
    cat said.err >&2
    exit 1
  fi
  cat said.err
}
# project NAME FOLDER OPTION...: builds tests/install/NAME against the installed tree.
project() {
  source=$1 into=$2
  shift 2
  cmake -S "$here/$source" -B "$into" -G Ninja -DCMAKE_PREFIX_PATH="$folder/moved" \
    -DCMAKE_BUILD_TYPE=Release "$@" >/dev/null
  cmake --build "$into"
}

echo "== install, and move what was installed"
cmake --install "$build" --prefix "$folder/prefix" >/dev/null
mv prefix moved
source_folder=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt")
if grep -rlF -e "$source_folder" -e "$folder" moved; then
  echo "want no path of the build in what is installed, found it in the files above" >&2
  exit 1
fi
understudy=$folder/moved/bin/understudy
"$understudy" --version

echo "== every installed header, with Eigen alone"
(cd moved/include/understudy && find . -name '*.h' | sort | sed 's|./\(.*\)|#include "\1"|') >headers.cpp
c++ -std=c++20 -fsyntax-only -Wall -Wextra -Imoved/include/understudy -isystem /usr/include/eigen3 headers.cpp

echo "== a task of one's own"
project example_task task
plugin=$folder/task/libdock.so
"$understudy" envs --plugin "$plugin" | grep '^Dock '
"$understudy" envs Dock --check --plugin "$plugin"
export UNDERSTUDY_PLUGINS="$plugin"
"$understudy" envs Dock --randomisation | grep -q dock_size
"$understudy" record --env Dock --help | grep -q '^Dock, gamepad'
"$understudy" record --env Dock --device synthetic --episodes 20 --out demos.h5
"$understudy" record --env Dock --device synthetic --operators 2 --episodes 4 --out two.h5 |
  grep 'in a bow to the left or right'
"$understudy" data info two.h5 | grep 'synthetic-2: 2 episodes, 2 successful'
"$understudy" train bc --env Dock --data demos.h5 --out run --epochs 40 --hidden 32,32 \
  --eval-episodes 20 --final-episodes 40
"$understudy" eval run --episodes 100 --json >eval.json
awk -F '[:,]' '/"success_rate"/ { print "success rate", $2; good = $2 >= 0.8 } END { exit !good }' eval.json

echo "== a policy in a control loop"
project control_loop loop
loop/control_loop run/policy.pt "$plugin" | grep '^Dock: success'
unset UNDERSTUDY_PLUGINS

echo "== refusals"
project example_task foreign '-DCMAKE_CXX_FLAGS=-DUNDERSTUDY_PLUGIN_VERSION=\"9.9.9\"'
fails "found one for 9.9.9" 1 "$understudy" envs --plugin foreign/libdock.so
fails "--plugin" 2 "$understudy" eval expert --env Dock

echo "== the tutorial's page of it"
mkdir tutorial
cd tutorial
sed -n '/^```sh$/,/^```$/p' "$here/../../docs/tutorial/your-task.md" | grep -v '^```' >page.sh
PATH=$folder/moved/bin:$PATH UNDERSTUDY_SOURCE=$here/../.. UNDERSTUDY_PREFIX=$folder/moved sh -eu page.sh
