"""Versions: what is installed against what gonogo allows, and whether it can be imported at all."""

from __future__ import annotations

import re
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import PackageUnfit
from gonogo.commands.board.asking import ask_package
from gonogo.commands.board.lack import ALL
from gonogo.commands.doctor.finding import Fine, Ill

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from gonogo.commands.board.asking import Package
    from gonogo.commands.board.box import Box
    from gonogo.commands.board.found import Found, Needs
    from gonogo.commands.doctor.finding import Looked

    VersionOf = Callable[[str], str | None]

AREA = "versions"
STARTS_NOT = "no station starts"
_WANTED = re.compile(r"([A-Za-z0-9._-]+?)\s*(?:\[[^\]]*\])?\s*((?:[<>=!~]=?.*?)?)\s*(?:;\s*(.*))?$")
_BOUND = re.compile(r"(<=|>=|==|!=|<|>)\s*([0-9][0-9A-Za-z.+]*)")
# where a package has files of several modules, the one that it is
_MODULES = {"opencv-python-headless": "cv2", "pyserial": "serial", "python-snap7": "snap7"}
_TOOLS = ("dev",)  # what only whoever works on gonogo has
_PYTHON = re.compile(r"python_version\s*<\s*['\"]([\d.]+)['\"]")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")


class Wanted(NamedTuple):
    """A package as pyproject.toml names it: its bounds as written, and of which extra it is."""

    name: str
    bounds: str
    extra: str = ""

    def allows(self, version: str) -> bool:
        """Whether a version lies within the bounds."""
        return all(_holds(version, *bound) for bound in _BOUND.findall(self.bounds))


def packages(box: Box) -> Looked:
    """Those of gonogo and of its extras; nothing of them is imported into this process."""
    pip = f"{box.interpreter} -m pip install"
    try:
        told = metadata.requires("gonogo") or ()
    except metadata.PackageNotFoundError:  # run from its files, as no station should be
        what = "gonogo itself is not installed in this Python: what it needs is not known"
        means = "it runs with whatever is there"
        yield Ill(AREA, PackageUnfit, what, means, (f"{pip} gonogo",))
        return
    wanted = list(wanted_here(told, box.python))
    yield from against(wanted, installed, pip)
    brought = metadata.packages_distributions()
    yield from twice(wanted, brought, pip)
    there = [each for each in wanted if installed(each.name)]
    yield from imported(there, brought, partial(ask_package, box), pip)


def needed(found: Found, needs: Needs) -> Looked:
    """What this Python or the station lacks, as `gonogo board` finds it."""
    lacking = found.lacking(needs)
    for lack in lacking:
        means = STARTS_NOT if lack.needed_by == ALL else "this station does not start"
        yield Ill(AREA, PackageUnfit, lack.what, means, lack.commands, stops=True)
    if not lacking:
        yield Fine(AREA, f"Python {found.machine.python}")


def wanted_here(requirements: Iterable[str], python: str) -> Iterator[Wanted]:
    """Those that count on this Python; of an extra only what gonogo itself does not ask for.

    The extra [hailo] bounds what all have: where its chip is, `gonogo board` says so.
    """
    found = []
    for text in requirements:
        match = _WANTED.match(text)
        marker = (match[3] or "") if match else ""
        older = _PYTHON.search(marker)
        if match is None or (older and not _numbers(python) < _numbers(older[1])):
            continue
        extra = _EXTRA.search(marker)
        found.append(Wanted(match[1], match[2], extra[1] if extra else ""))
    own = {each.name for each in found if not each.extra}
    for each in found:
        if not each.extra or (each.name not in own and each.extra not in _TOOLS):
            yield each


def installed(name: str) -> str | None:
    """The version of a package; None where it is not there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def against(wanted: Iterable[Wanted], version_of: VersionOf, pip: str) -> Looked:
    """Each that is missing, or older or newer than what gonogo was tried with."""
    for each in wanted:
        version = version_of(each.name)
        again = (f"{pip} '{each.name}{each.bounds}'",)
        if version is None:
            if not each.extra:
                what = f"{each.name} is not installed, expected {each.bounds}"
                yield Ill(AREA, PackageUnfit, what, STARTS_NOT, again, stops=True)
        elif not each.allows(version):
            of = f" (extra [{each.extra}])" if each.extra else ""
            what = f"{each.name} {version}{of}, expected {each.bounds}"
            yield Ill(AREA, PackageUnfit, what, "nobody has tried gonogo with it", again)
        else:
            yield Fine(AREA, f"{each.name} {version}")


def twice(wanted: Iterable[Wanted], brought: Mapping[str, Sequence[str]], pip: str) -> Looked:
    """A module that two packages bring, as opencv-python beside the one without windows does.

    `brought`: by module, the packages that have files of it.
    """
    names = {_same(each.name): each for each in wanted}
    for module, packages in sorted(brought.items()):
        ours = [names[_same(each)] for each in packages if _same(each) in names]
        others = sorted({_same(each) for each in packages} - set(names))
        # a folder that many share on purpose has no file of its own (google, cuda)
        if ours and others and module == _module_of(ours[0].name, brought):
            what = (
                f"{', '.join(others)} is installed beside {ours[0].name}, and both are '{module}'"
            )
            do = (
                f"{pip.removesuffix('install')}uninstall -y {' '.join(others)}",
                f"{pip} --force-reinstall --no-deps '{ours[0].name}{ours[0].bounds}'",
            )
            yield Ill(AREA, PackageUnfit, what, "which of the two is used is chance", do)


def imported(
    wanted: Iterable[Wanted],
    brought: Mapping[str, Sequence[str]],
    asked: Callable[[str], Package],
    pip: str,
) -> Looked:
    """Each in a child: what is half installed breaks the process that imports it."""
    for each in wanted:
        module = _module_of(each.name, brought)
        package = None if module is None else asked(module)
        if package is None or package.there:
            continue
        means = f"what needs [{each.extra}] does not work" if each.extra else STARTS_NOT
        again = f"{pip} --force-reinstall --no-deps '{each.name}{each.bounds}'"
        what = f"{each.name} is installed and cannot be imported: {package.error}"
        yield Ill(AREA, PackageUnfit, what, means, (again,), stops=not each.extra)


def _module_of(name: str, brought: Mapping[str, Sequence[str]]) -> str | None:
    """The module that a package brings; None where it brings none that can be asked."""
    known = _MODULES.get(_same(name))
    if known is not None:
        return known
    for module, packages in sorted(brought.items()):
        own = module.isidentifier() and not module.startswith("_")
        if own and any(_same(package) == _same(name) for package in packages):
            return module
    return None


def _same(name: str) -> str:
    """Names of packages are one, however they are written (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _holds(version: str, sign: str, bound: str) -> bool:
    ours, its = _numbers(version), _numbers(bound)
    length = max(len(ours), len(its))
    ours += (0,) * (length - len(ours))
    its += (0,) * (length - len(its))
    return {
        "<": ours < its, "<=": ours <= its, ">": ours > its,
        ">=": ours >= its, "==": ours == its, "!=": ours != its,
    }[sign]  # fmt: skip


def _numbers(version: str) -> tuple[int, ...]:
    """The release of it: 2.0.0rc1 is (2, 0, 0)."""
    release = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, release[0].split("."))) if release else ()
