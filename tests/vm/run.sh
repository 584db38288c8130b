#!/usr/bin/env bash
# Tests that want a kernel with simulated devices, in a guest of QEMU without any acceleration.
#
#   tests/vm/run.sh [TEST...]      (make vmtest; without a test: those that need such a device)
#
# The guest boots Debian sid's kernel, which has gpio-sim and vivid, and QEMU's firmware, which names a
# machine (SMBIOS); it has this machine's whole tree as its own, read-only: it runs this very checkout with its .venv. Kernel and busybox are fetched once into
# var/vm, as packages that apt has verified, from the archive that this machine's apt names; nothing
# of them is installed. Needs Debian on x86-64, and apt install qemu-system-x86 kmod xz-utils.
set -euo pipefail
cd "$(dirname "$0")/../.."
VM=$PWD/var/vm
MODULES=(9pnet_virtio 9p gpio-sim vivid)
LIMIT_S=900
TESTS=("$@")
[ ${#TESTS[@]} -gt 0 ] ||
  TESTS=(tests/base/gpio/test_{lines,chip}.py tests/drivers/triggers/gpio/test_opening.py
    tests/plc/test_gpio_{fault,encoder_belt,killed}.py tests/test_gpio_station.py
    tests/plc/transports/test_transport_conformance.py::TestCoils tests/drivers/cameras/v4l2/test_vivid.py
    tests/commands/board/test_machine.py)

fail() {
  echo "vmtest: $*" >&2
  exit 1
}

for program in qemu-system-x86_64 apt-get dpkg-deb depmod modprobe xz; do
  command -v "$program" >/dev/null || fail "no $program; apt install qemu-system-x86 kmod xz-utils"
done

apt_here() { # apt_here WORD...: apt with this machine's sources, and lists of its own
  local program=$1
  shift
  "$program" -o Dir::State::Lists="$VM/here" -o Dir::Cache="$VM/cache" -o APT::Sandbox::User=root "$@"
}

from_sid() { # from_sid WORD...: apt with sid's list alone, in a folder of its own
  local program=$1
  shift
  "$program" -o Dir::Etc::SourceList="$VM/sid.list" -o Dir::Etc::SourceParts=- \
    -o Dir::State::Lists="$VM/lists" -o Dir::Cache="$VM/cache" -o APT::Architecture=amd64 \
    -o APT::Sandbox::User=root "$@"
}

fetch() { # the kernel, its modules, and a shell, unpacked into var/vm/root
  local kernel mirror package
  mkdir -p "$VM/here/partial" "$VM/cache/archives/partial"
  apt_here apt-get -qq update
  mirror=$(apt_here apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
    'Origin: Debian' 'Label: Debian' | sed -n 1p)
  [ -n "$mirror" ] || fail "this machine's apt has no Debian archive; the kernel is one of Debian's"
  mkdir -p "$VM"/lists/partial "$VM"/cache/archives/partial "$VM"/packages
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "$mirror sid main" >"$VM/sid.list"
  from_sid apt-get -qq update
  kernel=$(from_sid apt-cache search --names-only '^linux-modules-[0-9].*[0-9]-amd64$' |
    cut -d' ' -f1 | sort -V | tail -1)
  kernel=${kernel#linux-modules-}
  [ -n "$kernel" ] || fail "sid has no linux-modules-...-amd64 any more"
  (cd "$VM/packages" &&
    from_sid apt-get -qq download busybox-static "linux-binary-$kernel" "linux-modules-$kernel")
  rm -rf "$VM/root"
  mkdir "$VM/root"
  for package in "$VM"/packages/*.deb; do dpkg-deb -x "$package" "$VM/root"; done
  rm -rf "$VM/packages"
  ln -sfn usr/lib "$VM/root/lib"
  depmod -b "$VM/root" "$kernel" 2>/dev/null # its lists of what is built in are in no package of these
  echo "$kernel" >"$VM/kernel"
}

initrd() { # what the guest needs until it has the host's tree
  local made=$VM/initrd kernel module path each
  kernel=$(cat "$VM/kernel")
  rm -rf "$made"
  mkdir -p "$made"/{bin,proc,sys,dev,host,modules}
  cp "$VM/root/usr/bin/busybox" "$made/bin/"
  for each in sh mount insmod cat mkdir ip chroot poweroff; do ln -s busybox "$made/bin/$each"; done
  cp tests/vm/init "$made/init"
  chmod +x "$made/init"
  echo "$PWD" >"$made/folder"
  printf '%q ' "${TESTS[@]}" >"$made/tests"
  for module in "${MODULES[@]}"; do
    modprobe -d "$VM/root" -S "$kernel" --show-depends "$module" | sed -n 's/^insmod \(\S*\).*/\1/p'
  done | awk '!seen[$0]++' | while read -r path; do
    each=$(basename "${path%.xz}")
    xz -dc "$path" >"$made/modules/$each"
    echo "$each"
  done >"$VM/order"
  mv "$VM/order" "$made/modules/order"
  (cd "$made" && find . | "$VM/root/usr/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) \
    >"$VM/initrd.gz"
}

boot() { # one processor: with two, emulated ones trip over the kernel's patching of itself
  timeout "$LIMIT_S" qemu-system-x86_64 -machine q35,accel=tcg -cpu max -smp 1 -m 1500 -nographic \
    -no-reboot -nodefaults -serial stdio -kernel "$VM"/root/usr/lib/modules/*/vmlinuz \
    -initrd "$VM/initrd.gz" -append "console=ttyS0 quiet panic=-1 loglevel=3" \
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
    -device virtio-9p-pci,fsdev=host,mount_tag=host </dev/null
}

case $PWD in
  /tmp/* | /run/* | /var/tmp/*) fail "the guest has folders of its own there: clone elsewhere" ;;
esac
[ -x .venv/bin/python ] || fail "no .venv; run make .venv/.installed"
[ -s "$VM/kernel" ] || fetch
initrd
boot | tr -d '\r' | tee "$VM/last.txt" || true
grep -q '^guest: ended with 0$' "$VM/last.txt" || fail "the tests failed, or the guest did not end"
# tests that find no device skip: that is no success here
if grep -qE 'insmod .* failed|^no 9p|no /dev/video of|gpio-sim is not in' "$VM/last.txt"; then
  fail "the guest lacks what it is for (see above)"
fi
