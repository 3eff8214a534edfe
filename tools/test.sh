#!/bin/sh
# Installs what is missing, builds, and runs the tests.
# usage: tools/test.sh [--slow] [--peers] [--cluster]
#   --slow   also the learning tests and the campaigns (label slow)
#   --peers  also the tests against Python's h5py, robomimic, Minari and torch (label peers; uses PyPI)
#   --cluster also the test with a real Slurm of two hosts (label cluster; wants root and Debian's mirrors)
set -eu
cd "$(dirname "$0")/.."
without="slow peers cluster"
for option in "$@"; do
  case $option in
    --slow | --peers | --cluster)
      label=${option#--}
      without=$(echo " $without " | sed "s/ $label / /")
      ;;
    *) echo "tools/test.sh: unknown option '$option'; known: --slow --peers --cluster" >&2; exit 2 ;;
  esac
done

echo "test: installing what is missing"
tools/setup.sh --tests
echo "test: building"
tools/build.sh -DUNDERSTUDY_TESTS=ON
echo "test: running"
pattern=$(echo $without | tr ' ' '|')
ctest --test-dir build/release --no-tests=error --output-on-failure --parallel "$(nproc)" ${pattern:+--label-exclude "$pattern"}
