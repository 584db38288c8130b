#!/usr/bin/env bash
# The first process of the emulated machine, in namespaces of its own: its mounts, then a command.
#
#   tests/arm/inside.sh [--sealed] ROOT COMMAND
#
# Sealed, the root is read-only, and what is written goes to memory that ends with it. It does not
# become the command but waits for it: the command is no first process, which tests tell apart.
set -eu
SEALED=
[ "$1" != --sealed ] || { SEALED=yes; shift; }
ROOT=$1
mount --make-rprivate /
ip link set lo up
mount --bind "$ROOT" "$ROOT"
[ -z "$SEALED" ] || mount -o remount,ro,bind "$ROOT"
mount -t proc proc "$ROOT/proc"
[ ! -e "$ROOT/w/cpuinfo" ] || mount --bind "$ROOT/w/cpuinfo" "$ROOT/proc/cpuinfo"
for each in dev tmp run; do mount -t tmpfs "$each" "$ROOT/$each"; done
[ -z "$SEALED" ] || mount -t tmpfs var "$ROOT/w/gonogo/var"
mkdir "$ROOT"/dev/{shm,pts}
mount -t tmpfs shm "$ROOT/dev/shm"
mount -t devpts devpts "$ROOT/dev/pts" -o newinstance,ptmxmode=0666
for each in null zero full random urandom tty; do
  : >"$ROOT/dev/$each"
  mount --bind "/dev/$each" "$ROOT/dev/$each"
done
ln -s pts/ptmx "$ROOT/dev/ptmx"
ln -s /proc/self/fd "$ROOT/dev/fd"
for each in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${each%:*}" "$ROOT/dev/${each#*:}"; done
# CI: hypothesis then sets no deadline to an example
chroot "$ROOT" /usr/bin/env -i CI=true HYPOTHESIS_STORAGE_DIRECTORY=/tmp/hypothesis QEMU_CPU=neoverse-n1 HOME=/tmp LANG=C.UTF-8 ${SEALED:+PYTHONDONTWRITEBYTECODE=1} \
  PATH=/w/venv/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin /bin/bash -c "cd /w/gonogo && $2"
exit $?
