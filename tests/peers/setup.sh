#!/bin/sh
# Makes a throw-away Python environment with the real h5py, robomimic and Minari, and leaves it alone when it
# is there already and up to date. usage: tests/peers/setup.sh DIR [REQUIREMENTS]
#   DIR           the virtual environment to make, e.g. build/release/peers-venv
#   REQUIREMENTS  pinned packages; default: requirements.txt beside this script
# Needs PyPI and Debian's packages python3-venv, python3-numpy, libopenblas0-pthread and, for lists with
# robomimic or Stable-Baselines3, python3-torch and python3-torchvision; it installs them when this is root or
# sudo works without a password. Debian's PyTorch is taken instead of PyPI's, which brings gigabytes of CUDA;
# without OpenBLAS it computes ten times slower. Debian's own /usr/bin/python3 is used whatever `python3`
# means elsewhere. Works on Debian 12 and 13.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: tests/peers/setup.sh DIR [REQUIREMENTS]" >&2
  exit 2
fi
venv=$1
requirements=${2:-$(dirname "$0")/requirements.txt}
python=/usr/bin/python3

packages="python3-venv python3-numpy libopenblas0-pthread"
if grep -qE '^(robomimic|stable-baselines3)==' "$requirements"; then
  packages="$packages python3-torch python3-torchvision"
fi
missing=""
for package in $packages; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -n "$missing" ]; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    $as_root true 2>/dev/null || {
      echo "tests/peers/setup.sh: needs Debian's packages$missing; install them: sudo apt-get install$missing" >&2
      exit 1
    }
  fi
  echo "peers: installing$missing"
  $as_root apt-get update -qq
  # shellcheck disable=SC2086  # the list is meant to be split
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

# The stamp holds what was asked for; anything else in DIR means another list, another
# Python or a broken set-up.
stamp=$("$python" --version; cat "$requirements")
if [ -f "$venv/installed" ] && [ "$(cat "$venv/installed")" = "$stamp" ]; then
  echo "peers: $venv is up to date"
  exit 0
fi
if [ -e "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ]; then
  echo "tests/peers/setup.sh: $venv exists and is no virtual environment; choose another directory" >&2
  exit 1
fi
echo "peers: making $venv"
rm -rf "$venv"
"$python" -m venv --system-site-packages "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" || {
  echo "tests/peers/setup.sh: pip could not install $requirements; is PyPI within reach?" >&2
  exit 1
}
if grep -q '^robomimic==' "$requirements"; then  # or every import of it asks for this
  "$venv/bin/python" -m robomimic.scripts.setup_macros >/dev/null 2>&1
fi
printf '%s\n' "$stamp" >"$venv/installed"
echo "peers: $venv is ready"
