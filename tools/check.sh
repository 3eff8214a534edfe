#!/bin/sh
# What continuous integration checks beyond the tests: format, clang-tidy, and that the layers hold, by building
# without LibTorch and without SDL2. usage: tools/check.sh [format] [tidy] [layers]   default: all
set -eu
cd "$(dirname "$0")/.."
checks=${*:-format tidy layers}
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
    layers)
      # The presets no-torch and no-sdl in one folder: the second build makes only what differs.
      for options in "-DUNDERSTUDY_TORCH=OFF -DUNDERSTUDY_SDL=ON" "-DUNDERSTUDY_TORCH=ON -DUNDERSTUDY_SDL=OFF"; do
        echo "check: building with $options"
        # shellcheck disable=SC2086  # the options are meant to be split
        cmake --preset dev -B build/layers -DUNDERSTUDY_TESTS=OFF $options >/dev/null
        cmake --build build/layers --parallel "$(nproc)"
      done
      ;;
    *) echo "tools/check.sh: unknown check '$check'; known: format tidy layers" >&2; exit 2 ;;
  esac
done
