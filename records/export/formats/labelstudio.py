"""Label Studio: a task a picture with the label as its annotation, and the labelling interface.

Pictures are named as files of a local storage: the server is started with OUT as its document root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from gonogo.records.export.formats.layout import as_json
from gonogo.records.export.names import file_name, folder_of
from gonogo.records.export.source import ending_of
from gonogo.records.questions.part_row import utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.records.export.formats.layout import Entry
    from gonogo.records.export.item import Item, Shot

CONFIG, TASKS = "label-config.xml", "tasks.json"
_LOCAL = "/data/local-files/?d="
_SERVING = "LABEL_STUDIO_LOCAL_FILES_SERVING"
_DOCUMENTS = "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"


class LabelStudioLayout:
    """The only one with a place for maps: beside the picture, for the eye."""

    only_good_in_train = False
    maps = True

    def place(self, item: Item, shot: Shot, split: str) -> str:
        """images/VIEW; the split is a field of the task."""
        del split
        name = file_name(item, shot.view, ending_of(shot.source))
        return f"images/{folder_of(shot.view)}/{name}"

    def folders(self, classes: Sequence[str], entries: Sequence[Entry]) -> list[str]:
        """None."""
        del classes, entries
        return []

    def documents(self, classes: Sequence[str], entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """The interface and the tasks."""
        return {
            CONFIG: _config(classes, entries),
            TASKS: _tasks(entries),
        }

    def handed(self, entries: Sequence[Entry]) -> list[str]:
        """To the server."""
        del entries
        return [
            f"{_SERVING}_ENABLED=true {_DOCUMENTS}=OUT label-studio start",
            f"a new project: paste OUT/{CONFIG} as its labelling interface",
            "its source storages: the local folders OUT/images and OUT/maps, not synchronised",
            f"import OUT/{TASKS}",
        ]


def _config(classes: Sequence[str], entries: Sequence[Entry]) -> bytes:
    choices = "\n".join(f"    <Choice value={quoteattr(cls)}/>" for cls in classes)
    its_map = '\n  <Image name="map" value="$map"/>' if any(each.map for each in entries) else ""
    return (
        "<View>\n"
        f'  <Image name="image" value="$image"/>{its_map}\n'
        '  <Choices name="class" toName="image" choice="single">\n'
        f"{choices}\n  </Choices>\n</View>\n"
    ).encode("ascii")


def _tasks(entries: Sequence[Entry]) -> bytes:
    # with ids, as the server gives them out: without any its own converter takes none
    return as_json([{"id": k, **_task(each)} for k, each in enumerate(entries, start=1)])


def _task(entry: Entry) -> dict[str, Any]:
    item = entry.item
    data = {
        "image": _LOCAL + entry.path, "map": _LOCAL + entry.map if entry.map else "",
        "view": folder_of(entry.shot.view), "split": entry.split, "part_id": item.part_id,
        "serial": item.serial, "passed": utc(item.wall_ms),
        "verdict": item.verdict, "reason": item.reason, "score": item.score,
    }  # fmt: skip
    choice = {
        "from_name": "class", "to_name": "image", "type": "choices",
        "value": {"choices": [item.cls]},
    }  # fmt: skip
    return {"data": data, "annotations": [{"result": [choice]}]}
