#!/bin/sh
# Every robot of two public collections, in the program and in PyBullet: see robots.py.
# usage: tests/peers/robots.sh PROGRAM FOLDER [NAME]
#   PROGRAM  the understudy binary
#   FOLDER   where the Python environment and the table, robots.tsv, are made
#   NAME     only files whose path holds it
set -eu
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: tests/peers/robots.sh PROGRAM FOLDER [NAME]" >&2
  exit 2
fi
program=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
mkdir -p "$2"
cd "$2"
"$here/setup.sh" venv-robots "$here/robots_requirements.txt"
exec venv-robots/bin/python "$here/robots.py" "$program" robots.tsv ${3:+"$3"}
