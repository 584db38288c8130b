"""What a build found, on a terminal: the proof as a table, limits, the histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from gonogo.build.forms import QUANTIZED
from gonogo.build.listed import listed
from gonogo.build.review.odd import question
from gonogo.commands.show.histogram import lines

if TYPE_CHECKING:
    from rich.console import Console

    from gonogo.build.agreement import Agreement
    from gonogo.build.engine import Engine
    from gonogo.build.hailo.finish import Finished
    from gonogo.build.int8 import Int8
    from gonogo.build.job import Built
    from gonogo.build.packing import Packed

KB = 1 << 10


def show(console: Console, built: Built) -> None:
    """Print it all."""
    # first: what its maker should do is easily overlooked below a table
    for note in built.engine.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)
    judged = built.engine.judged
    console.print(f"the FP32 model: {judged}", soft_wrap=True, markup=False)
    console.print(_proof(built.engine))
    for form in QUANTIZED:
        if form.remark and form.name in built.engine.proofs:
            console.print(f"the {form.name} form: {form.remark}", soft_wrap=True)
    for name, proof in () if built.engine.held else built.engine.proofs.items():
        floats = listed(proof.floats)
        console.print(f"{name}: convolutions left in float: {floats}", soft_wrap=True, markup=False)
    _limits(console, built.packed)
    kept = built.engine.wanted.folders.keep_all
    for line in question(built.packed.odd, built.packed.sheet, kept=kept):
        console.print(line, soft_wrap=True, markup=False)
    console.print(built.packed.patches, soft_wrap=True, markup=False)
    if built.finished is not None:
        for line in _finished(built.finished):
            console.print(line, soft_wrap=True, markup=False)


def _finished(found: Finished) -> list[str]:
    """What became of the form that a compiler makes."""
    if found.compiled is not None:
        return [f"with a form for {found.compiled.target}: {found.compiled.agreement}"]
    if found.unproven:
        return [f"without a form for the chip: {found.unproven}"]
    said = f"{found.folder}: for Hailo's compiler, which is not installed here; next:"
    return [said, *(f"  {line}" for line in found.to_type)]


def _proof(engine: Engine) -> Table:
    """A column for each form and what computed it here."""
    proof = engine.images.proof
    what = "the model as it came, in INT8, against itself" if engine.held else "INT8 against FP32"
    title = (
        f"{what} on {len(proof.good)} good parts, {len(proof.variants)} variants, "
        f"{len(proof.defaced)} made defects, {len(proof.bad)} bad parts"
    )
    table = Table(title=title, title_justify="left")
    table.add_column("")
    columns = []
    for form, int8 in engine.proofs.items():
        for backend, agreement in int8.agreement.items():
            table.add_column(f"{form}\nin {backend}", justify="right")
            columns.append(_figures(int8, agreement))
    # without bad parts the separation is that of defects that were drawn into good ones
    of = "bad parts" if proof.bad else "made defects"
    names = (
        *("AUROC FP32", "AUROC INT8", f"AUROC lost ({of})", "rank correlation"),
        *("worst rank change", "score correlation", "quantile shift", "map agreement"),
        *("KB", "convolutions in float"),
    )
    # a row a figure, a column a form: forms are compared side by side
    for name, *cells in zip(names, *columns, strict=True):
        table.add_row(name, *cells)
    return table


def _figures(int8: Int8, one: Agreement) -> list[str]:
    # four digits: what may be lost is half a per cent (--max-auroc-loss)
    pair = ("-", "-") if one.auroc is None else tuple(f"{value:.4f}" for value in one.auroc)
    return [
        *pair,
        f"{one.separation_loss:.4f}",
        f"{one.rank:.4f}",
        f"{100 * one.rank_change:.1f} %",
        f"{one.correlation:.4f}",
        f"{one.quantile_shift:.3f}",
        "-" if one.map_agreement is None else f"{one.map_agreement:.4f}",
        str(len(int8.model) // KB),
        f"{len(int8.floats)} of {int8.convolutions}",
    ]


def _limits(console: Console, packed: Packed) -> None:
    for name, scored in packed.scored.items():
        limits = scored.thresholds
        console.print(
            f"{name}: recheck above {limits.recheck_above:.4g}, reject above "
            f"{limits.reject_above:.4g}",
            soft_wrap=True,
        )
    main = packed.main
    width = min(console.width, 100)
    for line in lines(main.good.tolist(), main.bad.tolist(), main.thresholds, width):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
