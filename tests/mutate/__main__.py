"""The command: `python -m gonogo.tests.mutate`, or `make mutate`.

Exit code 0: enough is noticed. 1: too little. 2: it could not be run.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from gonogo.tests.mutate.judged import Judged, enough, figures, total
from gonogo.tests.mutate.known import read_known, stale
from gonogo.tests.mutate.page import page, row, rows_of
from gonogo.tests.mutate.run import NotGreen, job_of, run
from gonogo.tests.mutate.table import MODULES

ROOT = Path(__file__).resolve().parents[2]
KNOWN = ROOT / "tests/mutate/equivalent.toml"
PAGE = ROOT / "docs/mutation.md"


def main() -> int:
    """Mutate, run, tell; each module that was run has its row in the page anew."""
    asked = _arguments()
    seed, count = asked.seed, None if asked.count == "all" else int(asked.count)
    known = read_known(KNOWN)
    jobs = [job_of(ROOT, module, seed, count) for module in asked.module or MODULES]
    _say(f"{sum(len(job.tried) for job in jobs)} mutants of {len(jobs)} modules, seed {seed}")
    for key in stale(known, (mutant for job in jobs for mutant in job.there)):
        _say(f"equivalent.toml: no such mutant any more: {' | '.join(key)}")
    try:
        judged = run(ROOT, jobs, seed, asked.workers, lambda one: _told(one, known))
    except NotGreen as error:
        _say(str(error))
        return 2
    parts, rows = {}, rows_of(PAGE.read_text())
    for job in jobs:
        of_it = [one for one in judged if one.mutant.module == job.module]
        parts[job.module] = part = figures(len(job.there), of_it, known)
        survivors = [one for one in of_it if not one.noticed and one.mutant.key not in known]
        rows[job.module] = row(seed, part, survivors)
    for name, part in (*parts.items(), ("all", total(parts.values()))):
        _say(f"{name:32} {part.noticed:4} of {part.tried:4} noticed, {part.equivalent:3} "
             f"equivalent, {part.survived:3} not noticed: {part.share_pct:.1f} %")  # fmt: skip
    PAGE.write_text(page({module: rows[module] for module in MODULES if module in rows}))
    return 0 if enough(list(parts.values())) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", default="40", help="mutants a module, or all")
    parser.add_argument("--module", action="append", choices=list(MODULES))
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    return parser.parse_args()


def _told(one: Judged, known: dict[tuple[str, str, str, str], str]) -> None:
    """A survivor is told at once; and an equivalent one that was noticed is none."""
    mutant = one.mutant
    listed = mutant.key in known
    if one.noticed == listed:
        what = "noticed, though listed as equivalent" if listed else "not noticed"
        _say(f"{what}: {mutant.module}:{mutant.line} ({mutant.edit.where})\n"
             f"    {mutant.before}\n    {mutant.after}")  # fmt: skip


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
