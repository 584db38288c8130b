"""Another process, as one that waits for its answers sees it."""

from __future__ import annotations

import os
import subprocess

from gonogo.ipc.peer_process import PeerProcess


def test_peer_counts_as_there_until_it_is_known_to_be_gone() -> None:
    """One that was never followed, or whose id nobody knows."""
    peer = PeerProcess()
    assert (peer.gone, peer.fds) == (False, [])
    peer.poll()
    peer.follow(0)
    peer.poll()
    assert (peer.gone, peer.fds) == (False, [])


def test_peer_whose_process_id_is_nobody_s_is_gone() -> None:
    """It ended, and was reaped, before it could be followed; and the next one is not."""
    process = subprocess.Popen(["true"])
    process.wait()
    peer = PeerProcess()
    peer.follow(process.pid)
    assert (peer.gone, peer.fds) == (True, [])
    peer.follow(os.getpid())
    peer.poll()
    assert (peer.gone, len(peer.fds)) == (False, 1)
    peer.ended()
    assert (peer.gone, peer.fds) == (True, [])


def test_peer_that_ends_is_gone_at_the_next_look() -> None:
    """Nobody has to wait for it, and its descriptor is closed."""
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    peer = PeerProcess()
    peer.follow(process.pid)
    peer.poll()
    assert not peer.gone
    process.communicate(b"")
    peer.poll()
    assert (peer.gone, peer.fds) == (True, [])
