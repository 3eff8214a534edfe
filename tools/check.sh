#!/bin/sh
# What continuous integration checks beyond the tests: format, clang-tidy, and that the layers hold, by building
# without LibTorch and without SDL2. usage: tools/check.sh [format] [headers] [tidy] [layers]   default: all
set -eu
cd "$(dirname "$0")/.."
checks=${*:-format headers tidy layers}
tools/setup.sh --tests --checks

sources() { find capture datasets bc irl envs tools tests -name '*.cpp' -o -name '*.h' 2>/dev/null | sort; }

for check in $checks; do
  case $check in
    format)
      echo "check: format"
      sources | xargs clang-format --dry-run --Werror
      ;;
    tidy)
      echo "check: clang-tidy"
      # Configured only, and without precompiled headers: GCC's mean nothing to Clang.
      cmake --preset release -B build/tidy -DUNDERSTUDY_TESTS=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
      # Left out: what compares with peers and needs their headers; and the few files that include LibTorch 1.13, whose headers
      # Clang 14 cannot read as C++20.
      find capture datasets bc irl envs tools -name '*.cpp' -not -path 'tools/bench/peers/*' 2>/dev/null | sort |
        xargs grep -L -E '#include (<torch/|<ATen/|"bc/tensor_batch.h")' |
        xargs -P "$(nproc)" -n 4 clang-tidy -p build/tidy --quiet
      ;;
    headers)
      echo "check: every header compiles alone"
      # Read but not compiled: a build type of its own leaves CMake's own trials as they are.
      cmake --preset release -B build/headers -DUNDERSTUDY_TESTS=OFF -DCMAKE_BUILD_TYPE=Headers \
        -DCMAKE_CXX_FLAGS_HEADERS="-O0 -fsyntax-only" -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON \
        -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
      cmake --build build/headers --parallel "$(nproc)" --target all_verify_interface_header_sets private_headers
      ;;
    layers)
      # The presets no-torch and no-sdl in one folder: the second build makes only what differs.
      for options in "-DUNDERSTUDY_TORCH=OFF -DUNDERSTUDY_SDL=ON" "-DUNDERSTUDY_TORCH=ON -DUNDERSTUDY_SDL=OFF"; do
        echo "check: building with $options"
        # shellcheck disable=SC2086  # the options are meant to be split
        cmake --preset dev -B build/layers -DUNDERSTUDY_TESTS=OFF $options >/dev/null
        cmake --build build/layers --parallel "$(nproc)"
      done
      ;;
    *) echo "tools/check.sh: unknown check '$check'; known: format headers tidy layers" >&2; exit 2 ;;
  esac
done
