#!/bin/sh
# What continuous integration checks beyond the tests. usage: tools/check.sh [CHECK ...]
#   format    clang-format agrees
#   layers    every include follows an allowed arrow (tools/layers.sh)
#   headers   every header but the tests' compiles alone, of those that have changed since the base (see tidy) or
#             include one that has
#   headers-all  the same of all headers
#   builds    the program builds without LibTorch, and without SDL2, on the libraries of build/release
#   tidy      clang-tidy on the .cpp files that have changed since they left origin/main, or since CHECK_BASE, the
#             newest change first; with CHECK_MINUTES set, those that are left after so long are counted, not read
#   tidy-all  clang-tidy on all sources
#   asan      the tests of datasets, capture and tools with the address and undefined-behaviour sanitizers
#   tsan      those of threads, the journal, batches and the evaluation with the thread sanitizer
# default: format layers headers builds tidy
set -eu
cd "$(dirname "$0")/.."
checks=${*:-format layers headers builds tidy}
jobs=$(nproc)
tools/setup.sh --tests --checks

sources() { find capture datasets bc irl envs tools tests -name '*.cpp' -o -name '*.h' | sort; }

# Sources that differ from the base; those that moved and are four fifths the same are left out. On origin/main
# itself, as after a landing, and without it, the base is the newest commit that is eight hours older.
changed() {
  base=${CHECK_BASE:-$(git merge-base HEAD origin/main 2>/dev/null || true)}
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-list -1 --first-parent --before=$(($(git log -1 --format=%ct) - 28800)) HEAD)
  fi
  if [ -z "$base" ]; then sources; else git diff --name-only --find-renames=80% --diff-filter=AM "$base"; fi
}

# Paths on standard input, those that were changed last first.
newest_first() {
  while read -r path; do echo "$(git log -1 --format=%ct -- "$path") $path"; done | sort -rn | sed 's/^[0-9]* //'
}

# Headers among the files of $1, and those that include them, themselves or through others.
with_includers() {
  { printf '%s\n' "$1" | sed -n 's/\.h$/&/p'
    grep -r --include='*.h' -E '^#include "' capture datasets bc irl envs tools | sed 's/:#include "/ /; s/".*//'
  } | awk '
    NF == 1 { found[$1] = 1 }
    NF == 2 { edges[$1 " " $2] = 1 }
    END {
      do {
        grown = 0
        for (edge in edges) {
          split(edge, ends, " ")
          if (ends[2] in found && !(ends[1] in found)) { found[ends[1]] = 1; grown = 1 }
        }
      } while (grown)
      for (header in found) print header
    }'
}

# The headers of $1 are compiled, each alone.
headers() {
  # Read but not compiled: a build type of its own leaves CMake's own trials as they are.
  cmake --preset release -B build/headers -DUNDERSTUDY_TESTS=OFF -DCMAKE_BUILD_TYPE=Headers \
    -DCMAKE_CXX_FLAGS_HEADERS="-O0 -fsyntax-only" -DCMAKE_VERIFY_INTERFACE_HEADER_SETS=ON \
    -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  ninja -C build/headers -t targets all | sed -n 's/\(\.h\.c[xp][xp]\.o\): .*/\1/p' >build/headers/objects
  printf '%s\n' "$1" | awk '
    NR == FNR { wanted[$1] = 1; next }
    { path = $0; sub(/^.*_verify_interface_header_sets\//, "", path); sub(/^.*\/private_headers\//, "", path)
      sub(/\.c[xp][xp]\.o$/, "", path); if (path in wanted) print }' - build/headers/objects |
    xargs -r ninja -C build/headers -j "$jobs"
}

# Left out: tests, what compares with peers and needs their headers, and what includes LibTorch 1.13, whose
# headers Clang 14 cannot read as C++20.
tidy() {
  # Configured only, and without precompiled headers: GCC's mean nothing to Clang.
  cmake --preset release -B build/tidy -DUNDERSTUDY_TESTS=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
  printf '%s\n' "$1" |
    { grep -E '^(capture|datasets|bc|irl|envs|tools)/.*\.cpp$' | grep -v '^tools/bench/peers/' || true; } |
    xargs -r grep -L -E '#include (<torch/|<ATen/|"bc/libtorch/tensor_batch.h")' |
    newest_first >build/tidy/sources
  rm -f build/tidy/left
  deadline=${CHECK_MINUTES:+$(($(date +%s) + CHECK_MINUTES * 60))}
  xargs -r -P "$jobs" -n 1 sh -c '
    if [ -z "$1" ] || [ "$(date +%s)" -lt "$1" ]; then exec clang-tidy -p build/tidy --quiet "$2"; fi
    echo "$2" >>build/tidy/left
    ' tidy "$deadline" <build/tidy/sources
  if [ -e build/tidy/left ]; then
    echo "check: tidy: after $CHECK_MINUTES minutes $(wc -l <build/tidy/left) of $(wc -l <build/tidy/sources) files were not read"
  fi
}

# sanitized PRESET FILTER PROGRAM...: builds the tests and runs those whose names match.
sanitized() {
  preset=$1 filter=$2
  shift 2
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --parallel "$jobs" --target "$@"
  for program in "$@"; do
    # AddressSanitizer's dlopen does not look where the calling library says.
    LD_LIBRARY_PATH="$PWD/build/$preset/lib" ctest --test-dir "build/$preset/tests/${program#test_}" \
      --no-tests=error --output-on-failure --parallel "$jobs" --label-exclude 'slow|peers|cluster' --tests-regex "$filter" --exclude-regex "${left_out:-^$}"
  done
}

for check in $checks; do
  echo "check: $check"
  case $check in
    format) sources | xargs clang-format --dry-run --Werror ;;
    layers) tools/layers.sh ;;
    headers)
      files=$(changed)  # of its own, so that a git that fails ends this
      headers "$(with_includers "$files")"
      ;;
    headers-all) headers "$(sources)" ;;
    builds)
      # Only the program's own sources know what it is built without.
      tools/build.sh
      for without in TORCH SDL; do
        # Every folder configures, and the program is built.
        cmake --preset dev -B "build/configured-$without" -DUNDERSTUDY_$without=OFF >/dev/null
        cmake --preset dev -B "build/without-$without" -DUNDERSTUDY_TESTS=OFF -DUNDERSTUDY_$without=OFF \
          -DUNDERSTUDY_BUILT="$PWD/build/release/lib" -DCMAKE_BUILD_TYPE=None >/dev/null
        cmake --build "build/without-$without" --parallel "$jobs"
        "build/without-$without/bin/understudy" envs >/dev/null
      done
      ;;
    tidy)
      files=$(changed)
      tidy "$files"
      ;;
    tidy-all) tidy "$(sources)" ;;
    asan)
      # It forks beside a thread, and the child then waits for ever for the allocator of GCC 12's AddressSanitizer.
      left_out='a varied session is recorded'
      sanitized asan . test_datasets test_capture
      # Open MPI leaks what it makes at the start, and LeakSanitizer falls over LibTorch's threads, which end beside it.
      (export ASAN_OPTIONS=detect_leaks=0; sanitized asan . test_tools)
      ;;
    tsan) sanitized tsan 'thread|pool|journal|batch|evaluat' test_datasets test_envs ;;
    *)
      echo "tools/check.sh: unknown check '$check'; known: format layers headers headers-all builds tidy tidy-all asan tsan" >&2
      exit 2
      ;;
  esac
done
