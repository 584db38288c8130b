"""Making a release, from a checkout to the signed file."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base import strict_json as strictjson
from gonogo.base.atomic_folder import store
from gonogo.base.errors import ReleaseError, ReleaseNotBuilt
from gonogo.build.release import sbom
from gonogo.build.release.bytecode import compile_all
from gonogo.build.release.footer import MAX_MANIFEST_BYTES, trailer_of
from gonogo.build.release.image import CHUNK_BYTES, make_image
from gonogo.build.release.installing import install
from gonogo.build.release.launcher import lay_out
from gonogo.build.release.licences import gather
from gonogo.build.release.lockfile import read_lock
from gonogo.build.release.manifest import Box, Distribution, Facts, Lock, Manifest
from gonogo.build.release.own_wheel import own_wheel
from gonogo.build.release.read import Release
from gonogo.build.release.tool import missing, writing
from gonogo.build.release.trust import INSPECTION
from gonogo.build.release.wheelhouse import Wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gonogo.build.release.checkout import Checkout
    from gonogo.build.release.lockfile import LockFile
    from gonogo.build.release.manifest import Bytecode
    from gonogo.build.release.targets import Target
    from gonogo.build.release.wheelhouse import Wheel
    from gonogo.engines.bundles.keys import PrivateKey

LOCK = Path("requirements/newest.txt")  # of a checkout; for Python 3.10 to 3.13
SUFFIX = ".gnr"


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be built: of which checkout, for which box, where to.

    `lock`: left out, that of the checkout. `wheels`: a folder of them, and no index is asked.
    `expires`: after which no box takes it. `threads` compress; left out, as many as there are.
    """

    source: Checkout
    target: Target
    out: Path
    key: PrivateKey | None = None
    lock: Path | None = None
    wheels: Path | None = None
    expires: datetime | None = None
    threads: int | None = None

    @property
    def file(self) -> Path:
        """The file that it becomes."""
        return self.out / f"gonogo-{self.source.version}-{self.target.name}{SUFFIX}"


def build(order: Order, say: Callable[[str], None]) -> Manifest:
    """Write order.file and read it back; ReleaseNotBuilt, and then nothing is left there."""
    for tool in ("git", "mksquashfs"):  # before minutes are spent on what needs them
        if shutil.which(tool) is None:
            raise missing(tool)
    lock = read_lock(order.lock or order.source.root / LOCK, order.target)
    with (
        writing(order.out),
        # on the disk of the file itself; absolute, as programs are run in folders of their own
        tempfile.TemporaryDirectory(dir=order.out.absolute(), prefix=".release-") as work,
    ):
        _write(order, lock, Path(work), say)
    try:  # as a box reads it: a disk that garbles is noticed here, not there
        with Release(order.file, INSPECTION, order.target.name) as made:
            return made.manifest
    except ReleaseError:
        order.file.unlink()
        raise


def _write(order: Order, lock: LockFile, work: Path, say: Callable[[str], None]) -> None:
    stage, house, own = (work / name for name in ("stage", "wheels", "own"))
    for folder in (stage, house, own):
        folder.mkdir()
    say("building the wheel of gonogo")
    built = own_wheel(order.source, own)
    wheels = Wheelhouse(order.target, lock, house, order.wheels).gather(built, say)
    say(f"installing {len(wheels)} wheels")
    install(wheels, order.target, stage)
    lay_out(stage, order.target)
    say("compiling")
    facts = _facts(order, lock, wheels, compile_all(stage, order.target), stage)
    (stage / "release.json").write_bytes(strictjson.encode(facts))
    (stage / sbom.NAME).write_bytes(strictjson.encode(sbom.bill(facts, wheels, order.target)))
    say("making the image")
    image = work / "image"
    found = make_image(stage, image, order.source.time_s, order.threads)
    raw = strictjson.encode(Manifest(image=found, facts=facts))
    if len(raw) > MAX_MANIFEST_BYTES:  # no box would read it
        raise ReleaseNotBuilt(f"a manifest of {len(raw)} bytes, at most {MAX_MANIFEST_BYTES}")
    store(order.file, _chunks(image, raw + trailer_of(raw, order.key).pack()))


def _facts(
    order: Order, lock: LockFile, wheels: Sequence[Wheel], bytecode: Bytecode, stage: Path
) -> Facts:
    target = order.target
    return Facts(
        name="gonogo",
        version=order.source.version,
        box=Box(
            target=target.name,
            machine=target.machine,
            python=target.python,
            glibc=f"2.{target.glibc}",
        ),
        source=order.source.source,
        lock=Lock(name=lock.path.name, sha256=lock.sha256),
        bytecode=bytecode,
        expires=order.expires,
        distributions=tuple(_distribution(each, stage / "licenses") for each in wheels),
    )


def _distribution(wheel: Wheel, licences: Path) -> Distribution:
    return Distribution(
        name=wheel.said.name,
        version=wheel.said.version,
        wheel=wheel.path.name,
        sha256=wheel.sha256,
        licence=wheel.said.licence,
        texts=gather(wheel, licences),
    )


def _chunks(image: Path, end: bytes) -> Iterator[bytes]:
    with image.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            yield chunk
    yield end
