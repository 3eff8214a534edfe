#!/bin/sh
# Installs what is missing, builds, and runs the tests.
# usage: tools/test.sh [--slow] [--peers]
#   --slow   also the learning tests and the campaigns (label slow)
#   --peers  also the tests against Python's h5py, robomimic, Minari and torch (label peers; uses PyPI)
set -eu
cd "$(dirname "$0")/.."
without="slow peers"
for option in "$@"; do
  case $option in
    --slow | --peers)
      label=${option#--}
      without=$(echo " $without " | sed "s/ $label / /")
      ;;
    *) echo "tools/test.sh: unknown option '$option'; known: --slow --peers" >&2; exit 2 ;;
  esac
done

echo "test: installing what is missing"
tools/setup.sh --tests
echo "test: building"
tools/build.sh -DUNDERSTUDY_TESTS=ON
echo "test: running"
pattern=$(echo $without | tr ' ' '|')
ctest --test-dir build/release --no-tests=error --output-on-failure --parallel "$(nproc)" ${pattern:+--label-exclude "$pattern"}
