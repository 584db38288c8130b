"""Tables of scores as tools and spreadsheets write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gonogo.base.errors import ReferenceUnusable
from gonogo.build.reference.table import Row, read_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    [
        "a.png,0.5\nb.png,1e-3\n",
        "image,score\na.png,0.5\nb.png,0.001\n",
        "\ufeffPath;Score\r\n\r\na.png;0,5\r\nb.png;0,001\r\n",
        "label\tpred_score\tfile_name\n0\t0.5\ta.png\n1\t0.001\tb.png\n",
        "image_path,p(good),p(bad)\na.png,0.5,0.5\nb.png,0.999,0.001\n",
        "conf,name\n0.5,a.png\n0.001,b.png\n",
        'picture,anything\n"a.png",0.5\nb.png,0.001\n',
    ],
)
def test_read_table_finds_picture_and_score(tmp_path: Path, text: str) -> None:
    """With and without a header, whatever splits it and whatever else stands there."""
    path = tmp_path / "scores.csv"
    path.write_bytes(text.encode())
    table = read_table(path)
    assert [(row.name, row.score) for row in table.rows] == [("a.png", 0.5), ("b.png", 0.001)]
    assert not table.of_good


def test_read_table_knows_a_column_of_good_ones(tmp_path: Path) -> None:
    """p(good) runs the other way, and says so."""
    path = tmp_path / "scores.csv"
    path.write_text("image,p(good)\na.png,0.5\n", encoding="utf-8")
    assert read_table(path).of_good
    assert read_table(path).rows == (Row(2, "a.png", 0.5),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "two columns"),
        (b"only one column\n", "two columns"),
        (b"image,score\n", "no row"),
        (b"image,score\na.png,0.5\nb.png,good\n", r"line 3: 'good' is no score of 'b.png'"),
        (b"image,score\na.png,nan\n", "line 2: 'nan' is no score"),
        (b"image,score\na.png,inf\n", "line 2: 'inf' is no score"),
        (b"image,score\na.png\n", "line 2: 1 columns"),
        (b"image,score\n,0.5\n", "line 2"),
        (b"image,width,height\na.png,3,4\n", "which column is the score.*width, height"),
        (b"image,p(red),p(blue)\na.png,3,4\n", "which column is the score"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
    ],
)
def test_read_table_says_in_which_line_what_is_wrong(
    tmp_path: Path, content: bytes, words: str
) -> None:
    """Text in the score column, a line that is cut off, no score at all."""
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(ReferenceUnusable, match=rf"GN308: .*scores\.csv.*{words}"):
        read_table(path)


def test_read_table_names_one_that_is_not_there(tmp_path: Path) -> None:
    """With what the system says of it."""
    with pytest.raises(ReferenceUnusable, match=r"none\.csv: No such file"):
        read_table(tmp_path / "none.csv")
