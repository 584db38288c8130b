"""A model's plan, loaded: the one that was kept, or one that is built now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import PlanMismatch, PlanRefused
from gonogo.engines.backends import progress
from gonogo.engines.backends.tensorrt.building import build_plan
from gonogo.engines.backends.tensorrt.loaded import Loaded
from gonogo.engines.backends.tensorrt.plan_key import key_of

if TYPE_CHECKING:
    from gonogo.engines.backends.cuda.contract import Cuda
    from gonogo.engines.backends.model import Contract
    from gonogo.engines.backends.tensorrt.building import Bench
    from gonogo.engines.backends.tensorrt.plan_key import PlanKey


def loaded_plan(contract: Contract, bench: Bench, cuda: Cuda) -> Loaded:
    """The plan of the model file of a contract; ModelError and BackendError, by their numbers."""
    model = contract.path.read_bytes()
    key = key_of(model, bench.box)
    found = _kept(contract, key, bench, cuda)
    if found is not None:
        return found
    plan = build_plan(contract, model, bench)
    bench.cache.keep_plan(key, plan)
    try:
        return _checked(contract, plan, bench, cuda)
    except (PlanRefused, PlanMismatch):
        bench.cache.forget_plan(key)
        raise


def _kept(contract: Contract, key: PlanKey, bench: Bench, cuda: Cuda) -> Loaded | None:
    """The kept plan; one that TensorRT does not take after all is built anew."""
    plan = bench.cache.plan(key)
    if plan is None:
        return None
    try:
        return _checked(contract, plan, bench, cuda)
    except (PlanRefused, PlanMismatch) as error:
        progress.say(f"the kept plan is built anew: {error}")
        bench.cache.forget_plan(key)
        return None


def _checked(contract: Contract, plan: bytes, bench: Bench, cuda: Cuda) -> Loaded:
    loaded = Loaded(bench.trt, bench.words, plan, cuda)
    try:
        loaded.check(contract)
    except BaseException:
        loaded.close()
        raise
    return loaded
