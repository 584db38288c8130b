#!/usr/bin/env bash
# Third-party peers for the tests: installs what it can, says what it could not, never fails.
#
# Debian packages only as root where apt-get is; npm packages only where npm is, into
# tests/peers/node_modules; each Python peer that gonogo must not depend on into an
# environment of its own under .venv/peers; the libraries of its extras for cameras into
# .venv itself. Tests skip by name what is missing.
# Run it again at any time: what is there already is left alone.
set -u
cd "$(dirname "$0")" || exit 0
ROOT=$(cd ../.. && pwd)
ENVIRONMENTS=$ROOT/.venv/peers
LIMIT_S=120 # for each peer
LISTED=no   # whether apt's lists have been brought up to date by us

say() { echo "peers: $*"; }
have() { command -v "$1" >/dev/null 2>&1; }
within() { timeout "$LIMIT_S" "$@" </dev/null >/dev/null 2>&1; }

debian() { # debian PACKAGE...: what is not installed yet
  local package missing=()
  have dpkg-query || return 1
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] && have apt-get || return 1
  export DEBIAN_FRONTEND=noninteractive
  within apt-get install -y --no-install-recommends "${missing[@]}" ||
    { listed && within apt-get install -y --no-install-recommends "${missing[@]}"; }
}

listed() { # once, for all peers
  [ "$LISTED" = no ] || return 1
  LISTED=yes
  within apt-get update
}

environment() { # environment NAME REQUIREMENT [OPTION]: a private environment with one package
  local python=$ENVIRONMENTS/$1/bin/python
  [ -e "$ENVIRONMENTS/$1/.installed-$2" ] && return 0
  [ -x "$ROOT/.venv/bin/python" ] || return 1
  within "$ROOT/.venv/bin/python" -m venv "$ENVIRONMENTS/$1" &&
    within "$python" -m pip install --disable-pip-version-check --only-binary=:all: "${@:3}" "$2" &&
    touch "$ENVIRONMENTS/$1/.installed-$2"
}

library() { # library PACKAGE==VERSION...: an extra of gonogo's, which its own processes import
  local python=$ROOT/.venv/bin/python
  [ -x "$python" ] || return 1
  "$python" -c 'import sys; from importlib.metadata import version
for each in sys.argv[1:]: name, _, at = each.partition("=="); assert version(name) == at' "$@" 2>/dev/null && return 0
  # what they need (numpy) is there, as locked
  within "$python" -m pip install --disable-pip-version-check --only-binary=:all: --no-deps "$@"
}

peer_mbpoll() { debian mbpoll; }

peer_tshark() { debian tshark; } # GPL: a process of its own

peer_libmodbus() { debian gcc libc6-dev libmodbus-dev; }

peer_aravis() { debian libaravis-0.8-0 aravis-tools; } # LGPL: the library, and its fake camera

peer_pylon() { library pypylon==26.9; } # brings Basler's runtime, and its camera emulator

peer_genicam() { library harvesters==1.4.3 genicam==1.6.0; } # brings a virtual GenTL producer
peer_v4l2() { debian gcc libc6-dev linux-libc-dev; } # the kernel's own header, for its layout

peer_v4l2_arm() { debian gcc-aarch64-linux-gnu libc6-dev-arm64-cross; } # and that of aarch64

peer_gstreamer() { debian libgstreamer1.0-0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good; } # LGPL

# what the layout of its records is held against
peer_gstreamer_headers() { debian gcc libc6-dev pkg-config libgstreamer-plugins-base1.0-dev; }

peer_prometheus() { # unpacked beside the others: installed, it would start a server of its own
  local folder=$ENVIRONMENTS/prometheus
  [ -x "$folder/usr/bin/promtool" ] && return 0
  have apt-get && have dpkg-deb && [ -x "$ROOT/.venv/bin/python" ] || return 1
  mkdir -p "$folder" && (
    cd "$folder" || exit 1
    within apt-get download prometheus || { listed && within apt-get download prometheus; } || exit 1
    within dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb && [ -x usr/bin/promtool ]
  )
}

# a real browser for the screen's pages, driven by Playwright (which brings node, and no browser)
peer_chromium() { debian chromium && environment playwright playwright==1.65.2; }

peer_npm() { # modbus-serial, jsmodbus and axe-core, as package-lock.json pins them
  [ node_modules/.package-lock.json -nt package-lock.json ] && return 0
  have npm && within npm ci --omit=optional --ignore-scripts --no-audit --no-fund &&
    touch node_modules/.package-lock.json
}

peer_node_red() { # with contrib-modbus (5.23.3: what later ones need is not on npm) and contrib-s7
  [ nodered/node_modules/.package-lock.json -nt nodered/package-lock.json ] && return 0
  have npm && (cd nodered && within npm ci --omit=optional --ignore-scripts --no-audit --no-fund) &&
    touch nodered/node_modules/.package-lock.json
}

peer_modbus_tk() { environment modbus_tk modbus_tk==1.1.5; } # LGPL: a process of its own

peer_umodbus() { environment umodbus uModbus==1.0.4; } # MPL

# GPL: a process of its own; what it needs has no wheel
peer_async_modbus() { environment async_modbus async-modbus==0.2.3 --no-binary=connio,serialio,sockio; }

peer_minimalmodbus() { environment minimalmodbus minimalmodbus==2.1.1; }

# The last one that brings native libsnap7; the station uses 3.x.
peer_snap7() { environment snap7 python-snap7==2.0.2; }

# GPL: a process of its own, too
peer_blark() { environment blark blark==0.8.3; }

# what the image of a box is made of, and its judges
peer_box() { debian rauc gdisk grub-pc-bin grub-common squashfs-tools e2fsprogs; }

peer_terminals() { debian picocom minicom screen; } # GPL: processes of their own

peer_zxing() { library zxing-cpp==3.1.1; } # what the extra [code] reads codes with

peer_zint() { debian zint; } # GPL: a process of its own; draws codes

# what flashes a disk, and what judges it: processes of their own
peer_flash() { debian rauc squashfs-tools gdisk e2fsprogs grub-common; }

peer_shellcheck() { debian shellcheck; } # GPL: a process of its own

peer_pyte() { environment pyte pyte==0.8.2; } # LGPL: a process of its own

peer_pycocotools() { environment pycocotools pycocotools==2.0.11; } # with numpy some 100 MB

peer_squashfs() { debian squashfs-tools; } # GPL: processes of their own; what makes images of releases

# the validator of CycloneDX, with the JSON schemas
peer_cyclonedx() { environment cyclonedx 'cyclonedx-python-lib[json-validation]==11.12.0'; }

# an update server: it wants Python 3.11, and brings some sixty packages
peer_goosebit() {
  LIMIT_S=600
  environment goosebit goosebit==0.2.12
  local ended=$?
  LIMIT_S=120
  return $ended
}

# Label Studio's own checks and converter: 500 MB on the disk, so only where somebody wants it
peer_label_studio() {
  [ -n "${GONOGO_LARGE_PEERS:-}" ] || { say "label_studio is left out: GONOGO_LARGE_PEERS=1 takes it"; return 1; }
  environment label_studio label-studio-sdk==2.1.2
}

for peer in peer_mbpoll peer_tshark peer_libmodbus peer_aravis peer_pylon peer_genicam \
  peer_v4l2 peer_v4l2_arm peer_gstreamer peer_gstreamer_headers peer_prometheus peer_chromium \
  peer_npm peer_node_red peer_modbus_tk peer_umodbus \
  peer_async_modbus peer_minimalmodbus peer_snap7 peer_blark peer_box peer_terminals peer_pyte \
  peer_pycocotools peer_zxing peer_zint peer_squashfs peer_cyclonedx peer_label_studio peer_flash peer_shellcheck peer_goosebit; do
  if "$peer"; then say "${peer#peer_} is there"; else say "${peer#peer_} could not be installed"; fi
done
exit 0
