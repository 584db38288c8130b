"""`gonogo box build`: what it asks for, and what it says before anything is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gonogo.build.box import make
from gonogo.build.box.epoch import Epoch
from gonogo.commands.cli import main

if TYPE_CHECKING:
    from gonogo.build.box.order import Order


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A command whose files are all there."""
    for name in ("cert.pem", "key.pem", "sources"):
        (tmp_path / name).write_text("x")
    return [
        "box", "build", "--program", str(tmp_path), "--version", "1.4.0",
        "--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"),
        "--sources", str(tmp_path / "sources"), "--out", str(tmp_path / "out"),
    ]  # fmt: skip


def test_box_build_hands_over_what_was_asked_for(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box trusts the signer, where nobody else is named; the time is the world's own name."""
    orders: list[Order] = []

    def build(order: Order, _: object) -> make.Built:
        orders.append(order)
        order.out.mkdir()
        order.flash_image.write_bytes(b"x" * 3_000_000)
        return make.Built(order.flash_image, Path("rootfs"), 700 << 20)

    monkeypatch.setattr(make, "build", build)
    done = CliRunner().invoke(main, words, env={"SOURCE_DATE_EPOCH": "1764500000"})
    assert done.exit_code == 0, done.output
    assert (
        "gonogo-1.4.0-x86_64-debian12.raucb: 3 MB; its root 700 MiB of a slot of 1536"
        in done.output
    )
    (order,) = orders
    assert order.keyring == order.certificate == tmp_path / "cert.pem"
    assert order.epoch == Epoch(1_764_500_000)


def test_box_build_refuses_a_key_before_anything_is_made(words: list[str], tmp_path: Path) -> None:
    """With its number; no folder is made."""
    done = CliRunner().invoke(main, [*words, "--epoch", "1"])
    assert done.exit_code == 1
    assert done.output.startswith("GN725: ")
    assert not (tmp_path / "out").exists()


def test_box_build_wants_the_time_that_an_image_bears(words: list[str]) -> None:
    """Of today it would differ each day."""
    done = CliRunner().invoke(main, words, env={"SOURCE_DATE_EPOCH": ""})
    assert done.exit_code == 2
    assert "--epoch" in done.output
