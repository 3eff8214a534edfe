#!/bin/sh
# Installs what Understudy needs from Debian's packages (Debian 12 or 13), and nothing else.
# usage: tools/setup.sh [--tests] [--checks] [--mpi]
#   --tests   also what the tests need
#   --mpi     also what one training on several machines needs (Open MPI)
#   --checks  also what tools/check.sh needs (clang-format, clang-tidy)
set -eu

packages="ca-certificates cmake g++ ninja-build pkg-config
 libtorch-dev libopenblas-dev libopenblas0-pthread libhdf5-dev libssl-dev zlib1g-dev libzip-dev libeigen3-dev
 libbullet-dev liburdfdom-dev libtinyxml2-dev libconsole-bridge-dev libassimp-dev libsdl2-dev libepoxy-dev libegl-dev libimgui-dev libstb-dev libcli11-dev nlohmann-json3-dev libtomlplusplus-dev
 libegl1 libopengl0 libgl1-mesa-dri fonts-dejavu-core"
for option in "$@"; do
  case $option in
    --tests) packages="$packages catch2 ffmpeg xvfb xauth libopenmpi-dev openmpi-bin" ;;
    --mpi) packages="$packages libopenmpi-dev openmpi-bin" ;;
    --checks) packages="$packages clang-format clang-tidy git" ;;
    *) echo "tools/setup.sh: unknown option '$option'; known: --tests --checks --mpi" >&2; exit 2 ;;
  esac
done

missing=""
for package in $packages; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -z "$missing" ]; then
  echo "setup: everything needed is installed"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "tools/setup.sh: no apt-get here; install these yourself (Debian's names):$missing" >&2
  exit 1
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "tools/setup.sh: needs root to install:$missing; run it as root or install sudo" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "setup: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # the list is meant to be split
if ! { $as_root apt-get update &&
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  echo "tools/setup.sh: apt-get failed, see above; is the network up and is this Debian 12 or 13?" >&2
  exit 1
fi
echo "setup: done"
