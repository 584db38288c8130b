"""What is asked for: the format, which labelled parts, and how they are split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from gonogo.base.errors import ExportError

if TYPE_CHECKING:
    from gonogo.records.dispositions.labels import Label
    from gonogo.records.questions.part_row import PartRow

Format = Literal["mvtec", "ultralytics", "labelstudio", "coco"]
TRAIN, VAL, TEST = "train", "val", "test"


class Wanted(NamedTuple):
    """One call, but for the folder. Times are UTC ms of the part, the second excluded.

    `classes`: good, a reason code, or defect for one without; `parts`: PLC ids, or RUN/SERIAL;
    `reason`: a person's reason code, or a reason of the verdict. `val`, `test`: shares of the
    parts. Empty and None: any.
    """

    form: Format
    since_ms: int | None = None
    until_ms: int | None = None
    classes: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    reason: str | None = None
    lot: str | None = None
    limit: int | None = None
    balanced: bool = False
    seed: int = 0
    val: float = 0.1
    test: float = 0.2

    def check(self) -> None:
        """ExportError for shares that leave nothing to train with."""
        if not (self.val >= 0 and self.test >= 0 and self.val + self.test < 1):
            raise ExportError(
                f"--val {self.val:g} and --test {self.test:g}: expected shares of 0 to 1 that "
                "leave something to train with (together below 1)"
            )

    @property
    def shares(self) -> dict[str, float]:
        """Of the parts, by split; those that are to be empty are left out. mvtec has no val."""
        found = {TRAIN: 1 - self.val - self.test, VAL: self.val, TEST: self.test}
        if self.form == "mvtec":
            found = {TRAIN: found[TRAIN], TEST: self.val + self.test}
        return {name: share for name, share in found.items() if share > 0}

    def takes(self, label: Label, cls: str) -> bool:
        """Whether a label fits, by what it says itself."""
        since_ms, until_ms = self.since_ms or 0, self.until_ms
        return (
            since_ms <= label.part_wall_ms
            and (until_ms is None or label.part_wall_ms < until_ms)
            and (
                not self.classes
                or cls in self.classes
                or (label.code in self.classes and not label.good)
            )
            and (not self.parts or self._names(label))
        )

    def takes_row(self, label: Label, row: PartRow | None) -> bool:
        """Whether it fits, by what the records say of the part; None: they know nothing of it."""
        lot = (row.lot if row is not None else "") or label.lot
        if self.lot is not None and lot != self.lot:
            return False
        reasons = {label.code, row.reason if row is not None else ""}
        return self.reason is None or self.reason in reasons or self.reason.upper() in reasons

    def _names(self, label: Label) -> bool:
        return bool({str(label.part_id), f"{label.part.run}/{label.part.serial}"} & set(self.parts))
