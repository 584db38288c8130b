"""Other programs count what is in an export: a program of its own, run by their interpreter.

`python counted.py READER FOLDER` prints JSON: of each view and split, items by class. Nothing of
gonogo is imported, and a reader only when it is asked.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Found = Iterator[tuple[str, Counter[str]]]


def views(folder: Path) -> list[Path]:
    """A folder each."""
    return sorted(each for each in folder.iterdir() if each.is_dir())


def by_anomalib(folder: Path) -> Found:
    """The data module Folder, set up as for a training."""
    data = import_module("anomalib.data")
    for view in views(folder):
        bad = sorted(f"test/{each.name}" for each in (view / "test").iterdir())
        module = data.Folder(
            name=view.name, root=view, normal_dir="train/good",
            abnormal_dir=[each for each in bad if each != "test/good"],
            normal_test_dir="test/good", val_split_mode="none", num_workers=0,
        )  # fmt: skip
        module.setup()
        for split, its in (("train", module.train_data), ("test", module.test_data)):
            counted = Counter(_told(row) for row in its.samples.itertuples())
            assert len(its[0].image.shape) == 3  # it can be opened, too
            yield f"{view.name}/{split}", counted


def _told(row: Any) -> str:  # noqa: ANN401 - of a table of pandas
    """The class by its folder, where anomalib holds it for what it is."""
    name = Path(row.image_path).parent.name
    assert (name != "good") == bool(row.label_index)
    return name


def by_ultralytics(folder: Path) -> Found:
    """Its check of a data set for classification, and the data set that a training would open."""
    check = import_module("ultralytics.data.utils").check_cls_dataset
    dataset = import_module("ultralytics.data.dataset").ClassificationDataset
    args = import_module("ultralytics.cfg").get_cfg()
    for view in views(folder):
        told = check(str(view))
        for split in ("train", "val", "test"):
            found = dataset(root=str(told[split]), args=args, names=told["names"])
            assert found[0]["img"].shape[0] == 3
            names = [told["names"][sample[1]] for sample in found.samples]
            yield f"{view.name}/{split}", Counter(names)


def by_labelstudio(folder: Path) -> Found:
    """Its own checks of the interface and of every annotation, then its converter."""
    interface = import_module("label_studio_sdk.label_interface").LabelInterface
    converter = import_module("label_studio_sdk.converter").Converter
    config = (folder / "label-config.xml").read_text("utf-8")
    tasks = json.loads((folder / "tasks.json").read_text("utf-8"))
    checked = interface(config)
    checked.validate()
    for task in tasks:
        assert checked.validate_task({"data": task["data"]})
        assert all(map(checked.validate_annotation, task["annotations"]))
    out = folder.parent / f"{folder.name}-converted"
    converter(config, str(out)).convert_to_json_min(
        str(folder / "tasks.json"), str(out), is_dir=False
    )
    found: dict[str, Counter[str]] = {}
    for row in json.loads((out / "result.json").read_text("utf-8")):
        local = row["image"].partition("?d=")[2]
        assert (folder / local).is_file()
        found.setdefault(f"{row['view']}/{row['split']}", Counter())[row["class"]] += 1
    yield from sorted(found.items())


def by_coco(folder: Path) -> Found:
    """What its index says of each category."""
    coco = import_module("pycocotools.coco").COCO
    for file in sorted((folder / "annotations").iterdir()):
        index = coco(str(file))
        categories = {each["id"]: each["name"] for each in index.loadCats(index.getCatIds())}
        views_: dict[str, Counter[str]] = {}
        for each in index.loadAnns(index.getAnnIds()):
            (image,) = index.loadImgs(each["image_id"])
            assert index.annToMask(each).all()
            assert (folder / "images" / file.stem / image["file_name"]).is_file()
            views_.setdefault(image["view"], Counter())[categories[each["category_id"]]] += 1
        yield from ((f"{view}/{file.stem}", some) for view, some in views_.items())


READERS: dict[str, Callable[[Path], Found]] = {
    "mvtec": by_anomalib,
    "ultralytics": by_ultralytics,
    "labelstudio": by_labelstudio,
    "coco": by_coco,
}

if __name__ == "__main__":
    counted = dict(READERS[sys.argv[1]](Path(sys.argv[2])))
    print("COUNTED", json.dumps(counted, sort_keys=True))  # noqa: T201 - a program of its own
