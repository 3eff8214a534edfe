#!/bin/sh
# Checks that every #include "..." of ours points at a file that exists and down, from room to
# room; a room is a folder with sources in it. Prints FILE:LINE and the arrow of every one that
# does not. usage: tools/layers.sh
set -eu
cd "$(dirname "$0")/.."

# ROOM: the rooms it may include besides its own; what those may include, it may include too. From the bottom
# up: a row names rows above it only, so that there are no circles. Tests may include everything. envs/other_world
# stands for reality: nothing that learns may know it, so no row of bc or irl names it.
table() {
  cat <<'ROOMS'
datasets/types:
datasets/storage:         datasets/types
datasets/format:          datasets/storage
datasets/recording:       datasets/format
datasets/curation:        datasets/format
datasets/foreign:         datasets/format

envs/contract:            datasets/types
envs/world:               envs/contract
envs/randomisation:       envs/contract
envs/rendering:           envs/contract
envs/seeing:              envs/rendering
envs/robots:              envs/world datasets/storage
envs/tasks/classic:       envs/robots
envs/tasks/locomotion:    envs/robots
envs/tasks/any_robot:     envs/robots
envs/tasks/manipulation:  envs/robots
envs/tasks/pushing:       envs/robots
envs/tasks/driving:       envs/world
envs/tasks/crowd:         envs/world
envs/tasks/landing:       envs/world
envs/tasks:               envs/randomisation envs/tasks/classic envs/tasks/locomotion envs/tasks/any_robot
envs/tasks:               envs/tasks/manipulation envs/tasks/pushing envs/tasks/driving envs/tasks/crowd
envs/tasks:               envs/tasks/landing
envs/rollouts:            envs/tasks
envs/other_world:         envs/tasks

capture/input:            datasets/types
capture/devices:          capture/input envs/contract
capture/view:             capture/input envs/rendering
capture/recording:        capture/devices capture/view datasets/recording

bc/parallel:              datasets/types
bc/mpi:                   bc/parallel
bc/networks:              datasets/storage
bc/designs:               datasets/types
bc/policies:              bc/networks bc/designs datasets/format envs/contract
bc/exports:               bc/policies
bc/runs:                  bc/policies bc/parallel envs/rollouts
bc/adaptation:            bc/runs bc/designs
bc/libtorch:              bc/exports bc/adaptation
bc/cloning:               bc/runs
bc/dagger:                bc/cloning

irl/tabular:              datasets/types
irl/contract:             bc/runs
irl/couplings:            bc/policies
irl/experts:              irl/contract irl/couplings
irl/on_policy:            irl/contract
irl/off_policy:           irl/contract
irl/rewards:              irl/experts
irl/values:               irl/experts irl/off_policy
irl/calibration:          bc/runs
irl/runs:                 irl/rewards irl/values irl/on_policy bc/cloning

tools/console:            bc/dagger irl/runs irl/calibration envs/seeing envs/other_world
tools/media:              tools/console datasets/curation capture/view
tools/tasks:              tools/console
tools/sweeps:             tools/tasks
tools/clients:
tools/bench/peers:
tools/bench:              tools/console capture/recording
tools/commands:          bc/adaptation tools/bench tools/media tools/sweeps datasets/foreign bc/exports
tools:                    tools/commands
ROOMS
}

# shellcheck disable=SC2046  # no name of ours has a space in it
table | awk '
  function complain(text) { print text; failed = 1 }
  # The folder of a file; every folder of tests counts as one room.
  function room_of(path) {
    if (path ~ /^tests\//) return "tests"
    sub(/\/[^\/]*$/, "", path)
    return path
  }
  function may_include(room, other) { return room == other || room == "tests" || (room, other) in below }

  BEGIN {
    table = "tools/layers.sh: "
    for (i = 2; i < ARGC; ++i) there[ARGV[i]] = 1
  }

  FILENAME == "-" && NF > 0 {
    room = $1
    sub(/:$/, "", room)
    for (i = 2; i <= NF; ++i) {
      if (!($i in known) || $i == room) complain(table room " names " $i ", which is no row above it")
      below[room, $i] = 1
      for (other in known) if (($i, other) in below) below[room, other] = 1
    }
    known[room] = 1
  }
  FILENAME == "-" { next }

  FNR == 1 {
    room = room_of(FILENAME)
    used[room] = 1
    if (!(room in known) && room != "tests") complain(FILENAME ": " room " is no room of tools/layers.sh")
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    target = room_of(part[2])
    place = FILENAME ":" FNR ": "
    if (!(part[2] in there)) complain(place "includes " part[2] ", which does not exist")
    else if (!may_include(room, target)) complain(place room " -> " target " is not allowed (" part[2] ")")
  }
  END {
    for (room in known) if (!(room in used)) complain(table room " has no sources")
    exit failed
  }
' - $(find capture datasets bc irl envs tools tests -name '*.cpp' -o -name '*.h' | sort)
