#!/bin/sh
# Configures and builds into build/release. usage: tools/build.sh [-DNAME=VALUE ...]
# With CI set, warnings are errors.
set -eu
cd "$(dirname "$0")/.."
werror=OFF
[ -z "${CI:-}" ] || werror=ON
echo "build: configuring build/release"
cmake --preset release -DUNDERSTUDY_WERROR=$werror "$@" >build-configure.log 2>&1 || {
  cat build-configure.log >&2
  exit 1
}
mkdir -p build/release && mv build-configure.log build/release/configure.log
echo "build: compiling with $(nproc) jobs (several minutes the first time)"
cmake --build --preset release --parallel "$(nproc)"
