"""The manifest of a bundle: what it holds, what it expects, until when it may be used.

No unknown key is taken, and no file name but those of ROLES: there are no paths in it.
How its bytes are read stands in gonogo.base.strict_json.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from gonogo.base.errors import BundleManifestError
from gonogo.base.section import Section
from gonogo.engines.bundles.version import Release, Version
from gonogo.engines.section import NAME
from gonogo.ipc.frame_ring import EMBED_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

MB = 1 << 20
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FLOAT32_BYTES = 4
_TIME_PATTERN = r"20[0-9]{2}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z"
_TIME = "%Y-%m-%dT%H:%M:%SZ"

# both lists are closed: what a manifest names is known before a byte of the payload is read
Role = Literal[
    "cpu",
    "tensorrt",
    "hailo",
    "proof",
    "histogram",
    "picture",
    "selftest",
    "embeddings",
    "card",
    "patches",
]
BackendName = Literal["onnxruntime", "openvino", "tensorrt", "hailo"]


class RoleFacts(NamedTuple):
    """Under which name a file of this role stands in the manifest, and how large it may be."""

    name: str
    max_bytes: int


# a file is read whole into memory, so its size is bounded here, by the signed manifest
ROLES: dict[Role, RoleFacts] = {
    "cpu": RoleFacts("cpu.onnx", 1024 * MB),  # INT8, asymmetric, for CPU backends
    "tensorrt": RoleFacts("tensorrt.onnx", 1024 * MB),  # INT8, symmetric Q/DQ
    "hailo": RoleFacts("hailo.hef", 1024 * MB),  # compiled for one kind of chip; no ONNX
    "proof": RoleFacts("proof.json", 16 * MB),  # that INT8 ranks parts as FP32 does
    "histogram": RoleFacts("histogram.json", 16 * MB),  # of the scores of good parts
    "picture": RoleFacts("histogram.png", 4 * MB),  # the same for people
    "selftest": RoleFacts("selftest.u8", 64 * MB),  # frames one after another, uint8
    "embeddings": RoleFacts("embeddings.f32", 64 * MB),  # of good parts, rows, little-endian
    "card": RoleFacts("card.json", 1 * MB),  # gonogo.engines.card
    "patches": RoleFacts("patches.bank", 8 * MB),  # gonogo.engines.bundles.patch_bank
}
# what a bundle that names this backend must hold; which file it opens the backend says itself
# (file_role, gonogo.engines.backends.backend), and a test holds the two together
FILE_OF: dict[BackendName, Role] = {
    "onnxruntime": "cpu",
    "openvino": "cpu",
    "tensorrt": "tensorrt",
    "hailo": "hailo",
}


def check_picture(start: bytes) -> None:
    """What begins so must be a PNG picture; BundleManifestError."""
    if not start.startswith(PNG_SIGNATURE):
        raise BundleManifestError(
            f"{ROLES['picture'].name} does not begin as a PNG picture does; have it built again"
        )


def _instant(value: object) -> datetime:
    """UTC in whole seconds, from the one form that is written or from an aware datetime."""
    if isinstance(value, str) and re.fullmatch(_TIME_PATTERN, value):
        return datetime.strptime(value, _TIME).replace(tzinfo=timezone.utc)
    # without an offset it would be the local time of whoever reads it
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(timezone.utc).replace(microsecond=0)
    raise ValueError("expected UTC in whole seconds, as 2026-03-01T12:00:00Z")


def _printable(value: str) -> str:
    # shown on terminals: an escape sequence from a stranger could say anything there
    if not value.isprintable():
        raise ValueError("expected one line of printable characters")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(lambda value: value.strftime(_TIME), return_type=str),
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Side = Annotated[int, Field(ge=1, le=8192)]
LINE_MAX = 1000
OneLine = Annotated[str, Field(max_length=LINE_MAX), AfterValidator(_printable)]


def shortened(line: str) -> str:
    """As much of a line of ours as a manifest has room for."""
    return line if len(line) <= LINE_MAX else f"{line[: LINE_MAX - 4]} ..."


class Exact(Section):
    """A section of which no text is taken for another: spaces stay where they are."""

    model_config = ConfigDict(str_strip_whitespace=False)


class InputContract(Exact):
    """What the model takes; a self-test frame is uint8 of the same height, width and channels.

    `colour_order` is that of the model's planes. Frames, here as everywhere, are
    interleaved blue-green-red (height, width, 3), or grey (height, width).
    """

    channels: Literal[1, 3]
    colour_order: Literal["grey", "rgb"]
    height_px: Side
    width_px: Side
    dtype: Literal["uint8", "float32"]

    @model_validator(mode="after")
    def _matches(self) -> InputContract:
        if (self.channels == 1) != (self.colour_order == "grey"):
            raise ValueError(f"colour_order: {self.colour_order} with {self.channels} channels")
        return self

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """(height, width) or (height, width, 3)."""
        shape = (self.height_px, self.width_px)
        return shape if self.channels == 1 else (*shape, self.channels)


class FileEntry(Exact):
    """One file in the payload; `offset` counts from the end of the manifest."""

    name: str
    role: Role
    offset: Annotated[int, Field(ge=0)]
    length: Annotated[int, Field(ge=1)]
    sha256: Sha256

    @model_validator(mode="after")
    def _of_its_role(self) -> FileEntry:
        known = ROLES[self.role]
        if self.name != known.name:
            raise ValueError(f"name: expected '{known.name}' for role {self.role}, got another")
        if self.length > known.max_bytes:
            raise ValueError(f"length: expected at most {known.max_bytes} bytes")
        return self


class BackendFacts(Exact):
    """Limits of one backend's scores, and what it must score on the self-test frames.

    Above `reject_above` a part is rejected, above `recheck_above` rechecked, else
    accepted; `tolerance` is a share of each expected score.
    """

    recheck_above: float
    reject_above: float
    self_test_scores: Annotated[tuple[float, ...], Field(min_length=1, max_length=64)]
    tolerance: Annotated[float, Field(gt=0, le=0.5)]

    @model_validator(mode="after")
    def _ordered(self) -> BackendFacts:
        if self.recheck_above > self.reject_above:
            raise ValueError("recheck_above: expected at most reject_above")
        return self

    def passes(self, scores: Sequence[float]) -> bool:
        """Whether an engine that scored the self-test frames so is the one that was bundled."""
        expected = self.self_test_scores
        return len(scores) == len(expected) and all(
            # abs_tol: of a score of 0 a share is nothing
            math.isclose(now, then, rel_tol=self.tolerance, abs_tol=1e-9)
            for now, then in zip(scores, expected, strict=True)
        )


class Manifest(Exact):
    """Everything about a bundle but the bytes of its files.

    `engine_id` names the model file in records, as a card's does; `embedding_length` is
    the row length of `embeddings.f32`; `memory_mb` what loading the engine needs.
    """

    format: Literal["gonogo bundle 1"] = "gonogo bundle 1"
    name: Annotated[str, Field(pattern=f"^{NAME}$")]
    version: Version
    engine_id: Annotated[int, Field(ge=0, lt=1 << 63)]  # a signed word of shared memory
    input: InputContract
    backends: Annotated[dict[BackendName, BackendFacts], Field(min_length=1)]
    # at the least a card, self-test frames, and a model
    files: Annotated[tuple[FileEntry, ...], Field(min_length=3, max_length=len(ROLES))]
    embedding_length: Annotated[int, Field(ge=0, le=EMBED_MAX)] = 0
    memory_mb: Annotated[int, Field(ge=1, le=1_000_000)]
    minimum_runtime: Release
    created: Instant
    expires: Instant | None = None
    note: OneLine = ""

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        self._check_places()
        self._check_roles()
        self._check_self_test()
        self._check_embeddings()
        if self.expires is not None and self.expires <= self.created:
            raise ValueError("expires: expected a time after created")
        return self

    def _check_places(self) -> None:
        """One file after another, from 0, without gaps: nothing overlaps and nothing hides."""
        end = 0
        for entry in self.files:
            if entry.offset != end:
                raise ValueError(f"files: {entry.name} at {entry.offset}, expected it at {end}")
            end += entry.length

    def _check_roles(self) -> None:
        roles = [entry.role for entry in self.files]
        if len(set(roles)) != len(roles):
            raise ValueError("files: expected each role once")
        for needed in ("card", "selftest", *(FILE_OF[name] for name in self.backends)):
            if needed not in roles:
                raise ValueError(f"files: expected one of role {needed}, got none")
        # as Card.engine_id: records name the same engine by the same number, bundled or not
        if self.engine_id != int(self.model.sha256[:16], 16) >> 1:
            raise ValueError(f"engine_id: expected that of {self.model.name}, got another")

    def _check_self_test(self) -> None:
        # every backend is proven on the same frames: with another count one of them is mixed up
        counts = {len(facts.self_test_scores) for facts in self.backends.values()}
        frame_bytes = math.prod(self.input.frame_shape)
        if len(counts) != 1 or self.length_of("selftest") != counts.pop() * frame_bytes:
            raise ValueError(
                "self_test_scores: expected one a frame, and frames of the input contract"
            )

    def _check_embeddings(self) -> None:
        length = self.length_of("embeddings")
        row_bytes = _FLOAT32_BYTES * self.embedding_length
        if (length > 0) != (row_bytes > 0) or (row_bytes and length % row_bytes):
            raise ValueError("embedding_length: expected embeddings.f32 in rows of that length")

    @property
    def model(self) -> FileEntry:
        """The file that gives the engine its id: that for CPUs, or the only one there is."""
        # without one for CPUs all backends are of accelerators: the file of the first one
        return self.find("cpu") or self.entry(FILE_OF[next(iter(self.backends))])

    @property
    def payload_bytes(self) -> int:
        """Of all files together."""
        return sum(entry.length for entry in self.files)

    def find(self, role: str) -> FileEntry | None:
        """The file of a role, if there is one."""
        return next((entry for entry in self.files if entry.role == role), None)

    def entry(self, role: str) -> FileEntry:
        """The file of a role; BundleManifestError without one."""
        found = self.find(role)
        if found is None:
            raise BundleManifestError(f"it holds no file of role {role}; ask its maker for one")
        return found

    def length_of(self, role: str) -> int:
        """Bytes of the file of a role, or 0."""
        found = self.find(role)
        return found.length if found else 0
