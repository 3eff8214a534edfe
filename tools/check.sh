#!/bin/sh
# What continuous integration checks beyond the tests: format, the arrows between the rooms, clang-tidy, and
# builds without LibTorch and without SDL2. usage: tools/check.sh [format] [layers] [tidy] [builds]   default: all
set -eu
cd "$(dirname "$0")/.."
checks=${*:-format layers tidy builds}
tools/setup.sh --tests --checks

sources() { find capture datasets bc irl envs tools tests -name '*.cpp' -o -name '*.h' | sort; }

for check in $checks; do
  case $check in
    format)
      echo "check: format"
      sources | xargs clang-format --dry-run --Werror
      ;;
    layers)
      echo "check: layers"
      tools/layers.sh
      ;;
    tidy)
      echo "check: clang-tidy"
      # Configured only, and without precompiled headers: GCC's mean nothing to Clang.
      cmake --preset release -B build/tidy -DUNDERSTUDY_TESTS=OFF \
        -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
      # Left out: what compares with peers and needs their headers; and the few files that include LibTorch
      # 1.13, whose headers Clang 14 cannot read as C++20.
      sources | grep -v -e '^tests/' -e '^tools/bench/peers/' -e '\.h$' |
        xargs grep -L -E '#include (<torch/|<ATen/|"bc/networks/tensor_batch.h")' |
        xargs -P "$(nproc)" -n 4 clang-tidy -p build/tidy --quiet
      ;;
    builds)
      # The presets no-torch and no-sdl in one folder: the second build makes only what differs.
      for options in "-DUNDERSTUDY_TORCH=OFF -DUNDERSTUDY_SDL=ON" \
        "-DUNDERSTUDY_TORCH=ON -DUNDERSTUDY_SDL=OFF"; do
        echo "check: building with $options"
        # shellcheck disable=SC2086  # the options are meant to be split
        cmake --preset dev -B build/partial -DUNDERSTUDY_TESTS=OFF $options >/dev/null
        cmake --build build/partial --parallel "$(nproc)"
      done
      ;;
    *) echo "tools/check.sh: unknown check '$check'; known: format layers tidy builds" >&2; exit 2 ;;
  esac
done
