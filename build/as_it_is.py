"""A model that came in INT8: nothing to search. It is its own reference, and holds in each backend.

What can be proven is that the other backends say what the reference says of the same file, and
that is what limits and self-test rest on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import NotProven
from gonogo.build.int8 import Int8
from gonogo.build.proof import REFERENCE

if TYPE_CHECKING:
    from pathlib import Path

    from gonogo.build.forms import Form
    from gonogo.build.proof import Prover


def take_as_it_is(source: Path, form: Form, prover: Prover, layers: int) -> Int8:
    """Proven in the backends of the form; NotProven where it scores otherwise than it did.

    `prover`: holds it against its own scores.
    """
    agreement = prover.prove(source, form.proved_in, form.how).agreement
    if not agreement[REFERENCE].ok:
        raise NotProven(
            f"as the {form.name} form computes it, the model ranks parts otherwise: "
            f"{agreement[REFERENCE]}"
        )
    return Int8(source.read_bytes(), (), layers, agreement)
