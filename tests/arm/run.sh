#!/usr/bin/env bash
# The tests and two rehearsals on aarch64: an arm64 Debian whose programs qemu-user carries out.
#
#   tests/arm/run.sh [TEST...]      (make armtest; without a test: all but those of left_out.txt, and the rehearsals)
#   tests/arm/run.sh rehearse       the rehearsals alone
#
# The root is Debian 13's (Python 3.13, glibc 2.41: every wheel of the lock file installs there), made once
# in var/arm from packages that apt has verified, and read-only afterwards. What runs there has a network,
# processes and memory files of its own, two cores as the emulator shows them, and neither /sys nor the
# devices of this machine. That arm64 programs go to the emulator is told to the kernel while this runs and taken
# back at its end. Needs root and, the first time, a network; apt install mmdebstrap qemu-user-static arch-test.
set -euo pipefail
cd "$(dirname "$0")/../.."
ARM=$PWD/var/arm
ROOT=$ARM/root
HERE=tests/arm
SUITE=trixie
PYTHON=3.13
GLIBC=2_40 # the newest that uv knows by name; Debian 13 has 2.41
UV='uv>=0.13,<0.14'
SITE=$ROOT/w/venv/lib/python$PYTHON/site-packages
SHARDS=$(($(nproc) < 4 ? $(nproc) : 4))
LIMIT_S=3000
PACKAGES=(python3 python3-venv ca-certificates iproute2 procps)
BINFMT=/proc/sys/fs/binfmt_misc
NAME=gonogo-armtest
QEMU=$(command -v qemu-aarch64-static || true)
MOUNTED=

fail() {
  echo "armtest: $*" >&2
  exit 1
}

skip() {
  echo "armtest: skipped, $*"
  exit 0
}

needs() { # what this machine must have, each by its name
  local program
  [ "$(uname -s)" = Linux ] || skip "this is no Linux"
  [ "$(uname -m)" != aarch64 ] || skip "this is an aarch64 machine: make test tests it without an emulator"
  for program in mmdebstrap qemu-aarch64-static arch-test unshare apt-get; do
    command -v "$program" >/dev/null ||
      skip "no $program (Debian: apt install mmdebstrap qemu-user-static arch-test util-linux)"
  done
  [ "$(id -u)" = 0 ] || skip "it mounts and changes roots: run it as root"
  grep -qw binfmt_misc /proc/filesystems || skip "this kernel has no binfmt_misc"
  [ -x .venv/bin/python ] || fail "no .venv; run make .venv/.installed"
}

told() { # arm64 programs go to the emulator, which the kernel opens here: it need not be in the root
  mountpoint -q $BINFMT || { mount -t binfmt_misc none $BINFMT && MOUNTED=yes; }
  untold
  printf '%s' ":$NAME:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:" \
    "\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:$QEMU:FP" >$BINFMT/register
}

untold() { # also what a run that was killed has left
  [ ! -e $BINFMT/$NAME ] || echo -1 >$BINFMT/$NAME
}

base() { # Debian, from the archive that this machine's apt names
  local mirror lists=$ARM/apt/lists
  mkdir -p "$lists/partial" "$ARM/apt/cache/archives/partial"
  apt_here() { "$@" -o Dir::State::Lists="$lists" -o Dir::Cache="$ARM/apt/cache" -o APT::Sandbox::User=root; }
  apt_here apt-get -qq update
  mirror=$(apt_here apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    'Origin: Debian' 'Label: Debian' | sed -n 1p)
  [ -n "$mirror" ] || fail "this machine's apt has no Debian archive; the root is one of Debian's"
  rm -rf --one-file-system "$ROOT.new"
  # without the real /sys: what its scripts find there is another machine; and with mounts of its own, which
  # are gone when it is killed
  unshare --mount mmdebstrap --quiet --mode=root --variant=minbase --architectures=arm64 --skip=chroot/mount/sys \
    --include="$(IFS=,; echo "${PACKAGES[*]}")" "$SUITE" "$ROOT.new" "$mirror"
  mkdir -p "$ROOT.new"/w/gonogo/var
  echo "${PACKAGES[*]} $SUITE" >"$ROOT.new/w/base"
  rm -rf --one-file-system "$ROOT" "$ARM/apt"
  mv "$ROOT.new" "$ROOT"
}

processor() { # what libraries ask of it: as the emulated one says, in files of /proc and /sys
  local cpu each at cores=$ROOT/sys/devices/system/cpu all=$(((1 << $(nproc)) - 1))
  rm -rf "$ROOT/w/cpuinfo" "$cores"
  for ((cpu = 0; cpu < $(nproc); cpu++)); do
    printf '%s\t: %s\n' processor $cpu BogoMIPS 100.00 \
      Features 'fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs' \
      'CPU implementer' 0x41 'CPU architecture' 8 'CPU variant' 0x4 'CPU part' 0xd0c 'CPU revision' 1
    echo
    at=$cores/cpu$cpu
    mkdir -p "$at"/{regs/identification,topology}
    echo 0x00000000414fd0c1 >"$at/regs/identification/midr_el1"
    # without these hwloc gives up, and OpenVINO dereferences what it did not get
    echo 0 >"$at/topology/physical_package_id"
    echo $cpu >"$at/topology/core_id"
    for each in thread_siblings core_cpus; do printf '%x\n' $((1 << cpu)) >"$at/topology/$each"; done
    for each in core_siblings package_cpus; do printf '%x\n' "$all" >"$at/topology/$each"; done
  done >"$ROOT/w/cpuinfo"
  for each in online possible present; do echo "0-$(($(nproc) - 1))" >"$cores/$each"; done
}

wheels() { # of the lock file, for that Python and processor; as locked, by their hashes
  local mark=$ROOT/w/wheels lock=requirements/newest.txt
  cmp -s $lock "$mark" && return
  rm -rf "$ROOT/w/venv"
  inside "$ROOT" 'python3 -m venv /w/venv'
  python3 -m venv "$ARM/tools"
  "$ARM/tools/bin/python" -m pip --disable-pip-version-check install --quiet "$UV"
  "$ARM/tools/bin/uv" pip install --quiet --target "$SITE" --python-version $PYTHON \
    --python-platform aarch64-manylinux_$GLIBC --require-hashes --no-deps --only-binary :all: --requirements $lock
  inside "$ROOT" 'python -m compileall -q -j0 /w/venv/lib' >/dev/null || true # some of it is for other Pythons
  cp $lock "$mark"
}

checkout() { # this very working tree, and what its interpreter has already compiled of it
  find "$ROOT/w/gonogo" -mindepth 1 -type f ! -name '*.pyc' -delete
  git ls-files -zco --exclude-standard | while IFS= read -r -d '' each; do
    [ ! -e "$each" ] && [ ! -L "$each" ] || printf '%s\0' "$each"
  done | tar --null --no-recursion -T - -cf - | tar -xf - -C "$ROOT/w/gonogo"
  inside "$ROOT" 'python -m compileall -q -j0 . >/dev/null
    python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-index --no-deps --editable .
    echo newest >/w/venv/.installed'
}

inside() { # inside ROOT COMMAND: as the first process but one of a machine of its own
  unshare --mount --net --pid --fork --kill-child "$HERE/inside.sh" "$@"
}

chosen() { # the files of tests that an emulator can hold
  local left
  left=$(grep -v -e '^#' -e '^$' -e '::' $HERE/left_out.txt)
  git ls-files -co --exclude-standard tests | grep -E '/test_[^/]*\.py$' |
    awk -v left="$left" 'BEGIN { n = split(left, names, "\n") }
      { for (i = 1; i <= n; i++) if (index($0, names[i]) == 1) next; print }'
}

left_out() { # single tests, for pytest
  sed -n 's/^\(tests[^#]*::.*\)/--deselect=\1/p' $HERE/left_out.txt
}

sealed() { # sealed COMMAND: the same with a root that nothing changes; a kill of it ends all that it started
  exec timeout -k 5 "$LIMIT_S" unshare --mount --net --pid --fork --kill-child \
    "$HERE/inside.sh" --sealed "$ROOT" "$1" </dev/null
}

tests() { # tests TEST...: in shards side by side
  local n
  [ $# -ge "$SHARDS" ] || SHARDS=$# # a shard that is given none would run them all
  for ((n = 0; n < SHARDS; n++)); do
    sealed "python -u -m pytest -v --color=no -p no:cacheprovider $(left_out | paste -sd' ') $(
      printf '%s\n' "$@" | awk -v n=$n -v of=$SHARDS 'NR % of == n' | paste -sd' '
    )" >"$ARM/shard-$n.txt" 2>&1 &
  done
  wait
}

again() { # what failed, once more and alone: beside another shard a process of the idle class may wait for seconds
  cat "$ARM"/shard-*.txt 2>/dev/null | sed -nE 's/^(FAILED|ERROR) (tests.*)/\2/p' | sed 's/ - .*//' |
    sort -u >"$ROOT/w/again"
  [ ! -s "$ROOT/w/again" ] ||
    (sealed "python -u -m pytest -v --color=no -p no:cacheprovider @/w/again") >"$ARM/again.txt" 2>&1 || true
}

stations() { # the demo in times that the emulator can hold: rules alone, and with an engine of a few operators, which find little
  local made=$ROOT/w/station
  rm -rf "$made"
  mkdir "$made"
  sed -E 's/^(budget_ms = ).*/\15000/; s/^(max_escape_pct = ).*/\1100/; s/^(pitch_mm = ).*/\11200/; s/^(decision_distance_mm = ).*/\11100/
    s/^scan_ms = .*/scan_ms = 50\ntimeout_ms = 1000\npoll_ms = 20/; s/^(seed = .*)/\1\npool = 4/
    s/^(backend = ).*/\1"onnxruntime"/; s#\.\./var/demo/records#/tmp/records#; s#\.\./var/demo/##
    /^\[view.engine.prepare/,/^$/d' stations/demo.toml >"$made/engine.toml"
  # all of the engine's section up to the first rule goes
  sed '/^\[view.engine/,/^\[\[view.rule/{/^\[\[view.rule/!d}' "$made/engine.toml" >"$made/rules.toml"
  # to teach the demo's own would take an hour there, and a warm-up with it more than a station waits for
  .venv/bin/python -I -c 'import sys; from pathlib import Path
from gonogo.tests.stations import tiny_engine
tiny_engine(Path(sys.argv[1]))' "$made/top.onnx"
}

rehearse() { # rehearse NAME: of a station in the root
  local try
  for try in 1 2 3; do # the simulated PLC's heart may stand for 0.5 s where others want the processor, and the link is lost
    (sealed "gonogo rehearse /w/station/$1.toml --parts 10") >"$ARM/$1.txt" 2>&1 && break
    echo "armtest: the rehearsal ended with $?, try $try" >>"$ARM/$1.txt"
  done
}

counted() { # counted WORD FILE...: as pytest's last lines say
  cat "${@:2}" 2>/dev/null |
    sed -nE "s/^(.* )?([0-9]+) $1.* in [0-9.]+s.*/\2/p" | awk '{ sum += $1 } END { print sum + 0 }'
}

said() { # what came of it all, and what was not tried
  cat "$ARM"/shard-*.txt 2>/dev/null | grep '^SKIPPED ' | sort | uniq || true
  if [ -s "$ROOT/w/again" ]; then
    echo "failed beside the other shards, and were tried again alone:"
    sed 's/^/  /' "$ROOT/w/again"
    grep -E '^(FAILED|ERROR) ' "$ARM/again.txt" || true
  fi
  inside "$ROOT" 'echo "on: $(. /etc/os-release; echo "$PRETTY_NAME"), $(uname -m), $(python --version)"'
  echo "by: $("$QEMU" --version | sed -n 1p), as a Neoverse N1; $SHARDS shards"
  echo "left out by name:"
  sed '1,/^$/d; /^$/d; s/^/  /' $HERE/left_out.txt
  for each in rules engine; do
    [ ! -e "$ARM/$each.txt" ] || grep -hE '^[0-9]+ parts, |engine backend|^│ total|^armtest' "$ARM/$each.txt"
  done
  echo "armtest: $(counted passed "$ARM"/shard-*.txt) passed, $(counted skipped "$ARM"/shard-*.txt) skipped," \
    "$(wc -l <"$ROOT/w/again") tried again alone, of which $(counted passed "$ARM/again.txt") passed"
}

ended() {
  local running
  running=$(jobs -p)
  [ -z "$running" ] || kill $running 2>/dev/null || true # each is a timeout, which ends what it has started
  wait
  untold
  [ -z "$MOUNTED" ] || umount $BINFMT || true
}

main() {
  needs
  mkdir -p "$ARM"
  exec 9>"$ARM/lock"
  flock --nonblock 9 || fail "another run goes on here, whose checkout this one would exchange"
  trap ended EXIT
  told
  arch-test arm64 >/dev/null || fail "arm64 programs do not run here, though $QEMU is there"
  [ "$(cat "$ROOT/w/base" 2>/dev/null)" = "${PACKAGES[*]} $SUITE" ] || base
  processor
  wheels
  checkout
  rm -f "$ARM"/{shard-*,again,rules,engine,last}.txt "$ROOT/w/again"
  case ${1:-} in
    rehearse) SHARDS=0 ;;
    "")
      mapfile -t TESTS < <(chosen)
      tests "${TESTS[@]}"
      ;;
    *) tests "$@" ;;
  esac
  again
  if [ "${1:-rehearse}" = rehearse ]; then
    stations
    rehearse rules
    rehearse engine
  fi
  said | tee "$ARM/last.txt"
  [ ! -s "$ROOT/w/again" ] || SHARDS=$((SHARDS + 1)) # that run, too, must have come to its end
  if grep -qE '^(FAILED|ERROR) |^armtest: the rehearsal ended' "$ARM/last.txt" ||
    [ "$(cat "$ARM"/{shard-*,again}.txt 2>/dev/null | grep -cE ' (passed|skipped).* in [0-9.]+s')" != "$SHARDS" ]; then
    fail "tests or a rehearsal failed, or a shard did not end (var/arm)"
  fi
}

main "$@"
