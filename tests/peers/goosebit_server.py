"""gooseBit, an update server by others that speaks hawkBit's DDI, with one box and one image.

`python goosebit_server.py FOLDER IMAGE VERSION COMPATIBLE TOKEN` keeps its database in FOLDER,
rolls IMAGE out to the box "box-1", which has that token, prints `port N`, and serves until it is
killed.

The image is put into its database by hand: gooseBit 0.2.12 looks for the manifest of a RAUC bundle
in its squashfs, and a bundle of the format verity has it in its signature (`reads` says whether).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import sys
from pathlib import Path


def main(folder: Path, image: Path, version: str, compatible: str, token: str) -> None:
    """Until it is killed."""
    os.chdir(folder)  # it looks for a settings file where it is started
    os.environ.update(
        GOOSEBIT_DB_URI=f"sqlite://{folder}/db.sqlite3", GOOSEBIT_ARTIFACTS_DIR=str(folder),
        GOOSEBIT_DEVICE_AUTH__ENABLE="true", GOOSEBIT_DEVICE_AUTH__MODE="strict",
        GOOSEBIT_POLL_TIME="00:00:30", OTEL_SDK_DISABLED="true",
    )  # fmt: skip
    import uvicorn  # noqa: PLC0415 - of the other environment, as what follows
    from goosebit import app  # noqa: PLC0415

    data = image.read_bytes()
    row = {
        "uri": image.as_uri(), "version": version, "size": len(data), "image_format": 1,
        "hash": hashlib.sha1(data, usedforsecurity=False).hexdigest(),
    }  # fmt: skip
    asyncio.run(_stock(row, image, compatible, token))
    taken = socket.create_server(("127.0.0.1", 0))
    print(f"port {taken.getsockname()[1]}", flush=True)  # noqa: T201 - the answer
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[taken])


async def _stock(row: dict[str, object], image: Path, compatible: str, token: str) -> None:
    """One box that has not registered yet, one image, one rollout."""
    from anyio import Path as AsyncPath  # noqa: PLC0415
    from goosebit.db.config import TORTOISE_CONF  # noqa: PLC0415
    from goosebit.db.models import Device, Hardware, Rollout, Software  # noqa: PLC0415
    from goosebit.updates import swdesc  # noqa: PLC0415
    from tortoise import Tortoise  # noqa: PLC0415

    await Tortoise.init(config=TORTOISE_CONF)
    await Tortoise.generate_schemas()
    model = (await Hardware.get_or_create(model=compatible, revision="default"))[0]
    nothing = (await Hardware.get_or_create(model="default", revision="default"))[0]
    await Device.create(id="box-1", hardware=nothing, auth_token=token)
    software = await Software.create(**row)
    await software.compatibility.add(model)
    await Rollout.create(name="all", software=software)
    reads = False
    with contextlib.suppress(Exception):
        reads = bool(await swdesc.rauc.parse_file(AsyncPath(image)))
    print(f"reads {int(reads)}", flush=True)  # noqa: T201
    await Tortoise.close_connections()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:6])
