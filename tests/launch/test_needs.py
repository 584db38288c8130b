"""What a station needs of its box, read from its file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gonogo.config.access import AccessSection
from gonogo.config.console import ConsoleSection
from gonogo.config.screen import ScreenSection
from gonogo.config.station import Station
from gonogo.engines.section import EnginesSection
from gonogo.launch import needs
from gonogo.launch.needs import needs_of
from gonogo.records.metrics.section import MetricsSection
from gonogo.tests.stations import DIAMETER, small_station, synthetic

SERIAL = {"device": "/dev/ttyS9"}


def with_plc(station: Station, **plc: Any) -> Station:  # noqa: ANN401 - keys of [plc]
    """The station with another [plc]."""
    return Station.model_validate(station.model_dump() | {"plc": plc})


def engine_view(**engine: Any) -> dict[str, Any]:  # noqa: ANN401 - keys of [view.engine]
    """A view that an engine judges."""
    return {"name": "top", "camera": synthetic(), "engine": engine}


def test_needs_of_a_station_without_engine_are_its_records(tmp_path: Path) -> None:
    """One folder written, no device, no machine code made, the PLC alone to speak with."""
    found = needs_of(small_station(tmp_path), (Path("/opt/gonogo"),))
    assert found.writes == (tmp_path,)
    assert found.reads == (Path("/opt/gonogo"), tmp_path / "records.sqlite")
    assert (found.devices, found.groups, found.watchdog) == ((), (), None)
    assert not found.makes_code
    assert found.peers == ("localhost",)


@pytest.mark.parametrize(
    ("plc", "expected"),
    [
        ({"driver": "modbus-client", "host": "192.168.0.10"}, ("192.168.0.10",)),
        ({"driver": "modbus-client", "host": "127.0.0.1"}, ("localhost",)),
        ({"driver": "modbus-client", "host": "localhost"}, ("localhost",)),
        ({"driver": "modbus-client", "host": "fe80::1%eth0"}, ("fe80::1",)),
        ({"driver": "modbus-client", "host": "plc.line3"}, None),
        ({"driver": "s7", "host": "10.1.2.3", "db": 7}, ("10.1.2.3",)),
        ({"driver": "s7", "host": "plc", "db": 7}, None),
        ({"driver": "modbus-server", "host": "192.168.0.2"}, None),
        ({"driver": "modbus-server", "host": "127.0.0.1"}, ("localhost",)),
        (
            {"driver": "modbus-server", "host": "0.0.0.0", "allow": ("10.0.0.0/24", "10.1.0.7")},  # noqa: S104 - a station file
            ("10.0.0.0/24", "10.1.0.7/32"),
        ),
        ({"driver": "modbus-rtu-client"} | SERIAL, ()),
        ({"driver": "modbus-rtu-server"} | SERIAL, ()),
    ],
)
def test_peers_are_those_whom_the_station_file_names_by_address(
    tmp_path: Path, plc: dict[str, Any], expected: tuple[str, ...] | None
) -> None:
    """A name may mean any address, and none but its own is that of a server's PLC."""
    assert needs.peers(with_plc(small_station(tmp_path), **plc)) == expected


def test_peer_of_a_remote_io_module_is_that_module(tmp_path: Path) -> None:
    """It needs an ejector and its own photo-eye, and speaks Modbus TCP."""
    station = small_station(tmp_path, trigger={"driver": "timer", "period_ms": 200})
    fields = station.model_dump() | {
        "plc": {"driver": "modbus-io", "host": "10.0.0.9"},
        "eject": {"by": "time", "distance_mm": 300.0, "window_mm": 20.0},
    }
    assert needs.peers(Station.model_validate(fields)) == ("10.0.0.9",)


@pytest.mark.parametrize(("port", "low"), [(502, True), (1023, True), (1024, False), (0, False)])
def test_low_port_is_one_that_a_server_listens_on(tmp_path: Path, port: int, low: bool) -> None:  # noqa: FBT001 - a table
    """Below 1024 it takes a right; 0 takes any free one; a client's port is the PLC's own."""
    station = small_station(tmp_path)
    server = with_plc(station, driver="modbus-server", host="127.0.0.1", port=port)
    assert needs_of(server, ()).low_port is low
    assert not needs_of(with_plc(station, driver="modbus-client", host="h", port=502), ()).low_port


def test_devices_are_the_serial_port_and_the_watchdog(tmp_path: Path) -> None:
    """Each as DeviceAllow= takes it; the watchdog is only written."""
    station = with_plc(small_station(tmp_path), driver="modbus-rtu-client", **SERIAL)
    fields = station.model_dump() | {"watchdog": {"device": "/dev/watchdog"}}
    found = needs_of(Station.model_validate(fields), ())
    assert found.devices == (("/dev/ttyS9", "rw"), ("/dev/watchdog", "w"))
    assert found.watchdog == Path("/dev/watchdog")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/dev/ttyUSB3", "char-ttyUSB"),
        ("/dev/ttyACM0", "char-ttyACM"),
        ("/dev/ttyAMA1", "{link}"),
    ],
)
def test_serial_adapter_is_allowed_by_its_driver(
    tmp_path: Path, target: str, expected: str
) -> None:
    """Plugged in again it may be another file, which the list made at the start lacks."""
    link = tmp_path / "by-id"
    link.symlink_to(target)
    assert needs.allowed(str(link)) == ((expected.format(link=link), "rw"),)


def test_devices_are_also_the_port_of_the_console(tmp_path: Path) -> None:
    """By its driver, as that of the PLC; and the group that owns it."""
    section = ConsoleSection(device="/dev/ttyUSB7")
    station = small_station(tmp_path).model_copy(update={"console": section})
    assert needs_of(station, ()).devices == (("char-ttyUSB", "rw"),)
    assert needs_of(station, ()).groups == ("dialout",)


def test_serial_adapter_that_is_not_plugged_in_may_be_of_either_driver() -> None:
    """Its name by id says nothing of the file that it will be."""
    found = needs.allowed("/dev/serial/by-id/usb-none-port0")
    assert found == (("char-ttyUSB", "rw"), ("char-ttyACM", "rw"))


def test_groups_are_those_of_the_device_and_never_that_of_root(tmp_path: Path) -> None:
    """A unit that names a group which the box lacks does not start; /dev/null is root's."""
    assert needs.groups_of(Path("/dev/null")) == ()
    assert needs.groups_of(tmp_path / "none") in {("dialout",), ()}


def test_groups_are_those_of_the_cameras_too(tmp_path: Path) -> None:
    """Each once; one that is not plugged in is mostly of Debian's group for cameras."""
    size = {"width_px": 640, "height_px": 480, "exposure_us": 1000.0}
    cameras = (
        {"driver": "v4l2", "device": tmp_path / "none"},
        {"driver": "gstreamer", "pipeline": "x", "device": (tmp_path / "none",)},
    )
    views = [{"name": "v", "camera": size | each, "rule": (DIAMETER,)} for each in cameras]
    for station in [small_station(tmp_path, view) for view in views]:
        found = needs_of(station, ())
        assert found.groups == needs.groups(station)
        assert found.groups in {("video",), ()}
    assert found.devices == ((str(tmp_path / "none"), "rw"),)
    usb = {"driver": "aravis", "address": "Basler-1", "width_px": 64, "height_px": 64}
    view = {"name": "v", "camera": usb | {"exposure_us": 1000.0}, "rule": (DIAMETER,)}
    assert needs.groups(small_station(tmp_path, view)) == ()
    assert needs.groups_of(Path("/none"), "root") == ("root",)
    assert needs.groups_of(Path("/none"), "no-such-group") == ()


def test_trigger_by_gpio_needs_the_chips_and_their_group(tmp_path: Path) -> None:
    """An expander comes back under another number; what it is owned by is asked of the device."""
    device = tmp_path / "gpiochip0"
    device.touch()
    trigger = {"driver": "gpio", "chip": str(device), "line": "17"}
    found = needs_of(small_station(tmp_path, trigger=trigger), ())
    assert found.devices == (("char-gpiochip", "rw"),)
    assert found.groups == needs.groups_of(device)
    gone = needs_of(small_station(tmp_path, trigger=trigger | {"chip": "/dev/gpiochip99"}), ())
    assert gone.groups in {("gpio",), ()}


def test_group_without_a_name_is_not_named(tmp_path: Path) -> None:
    """A number that nobody gave a name: the group that mostly owns serial ports instead."""
    device = tmp_path / "tty"
    device.touch()
    if os.geteuid() != 0:
        pytest.skip("only root gives a file to any group")
    os.chown(device, -1, 54321)
    assert needs.groups_of(device) in {("dialout",), ()}


@pytest.mark.parametrize(
    ("engine", "makes"),
    [
        ({"model": "a.onnx"}, True),
        ({"model": "a.onnx", "backend": "openvino"}, True),
        ({"model": "a.onnx", "backend": "onnxruntime"}, False),
        # `gonogo prepare` is no part of the service
        ({"model": "a.onnx", "backend": "onnxruntime", "prepare": {"method": "teach"}}, False),
    ],
)
def test_engine_makes_machine_code_unless_its_backend_cannot(
    tmp_path: Path,
    engine: dict[str, Any],
    makes: bool,  # noqa: FBT001 - a table
) -> None:
    """`auto` may become OpenVINO."""
    assert needs_of(small_station(tmp_path, engine_view(**engine)), ()).makes_code is makes


def test_written_folders_are_those_in_which_a_run_makes_files(tmp_path: Path) -> None:
    """Records, pictures, installed engines; not what `gonogo prepare` makes before a start."""
    learnt = DIAMETER | {
        "name": "lid",
        "kind": "presence",
        "method": "golden",
        "image": tmp_path / "looks" / "lid.png",
        "learn_from": tmp_path / "good",
    }
    learnt = {key: value for key, value in learnt.items() if key not in {"measure", "mm_per_px"}}
    taught = engine_view(model=tmp_path / "taught" / "a.onnx", prepare={"method": "teach"})
    bought = engine_view(model=tmp_path / "bought" / "b.onnx")
    station = small_station(
        tmp_path / "records",
        taught | {"rule": (learnt,)},
        bought | {"name": "side"},
        engine_view(bundle="bolt") | {"name": "under"},
        engines=EnginesSection(folder=tmp_path / "engines"),
    )
    again = {"number": 2, "name": "other", "view": ()}
    views = [taught, bought | {"name": "side"}, engine_view(bundle="bolt") | {"name": "under"}]
    for view in views:
        del view["camera"]
    views[0]["engine"]["model"] = tmp_path / "recipe" / "c.onnx"
    fields = station.model_dump() | {"recipe": (again | {"view": tuple(views)},)}
    fields["records"]["images"] = {"folder": tmp_path / "pictures"}
    names = [path.name for path in needs.written(Station.model_validate(fields))]
    assert names == ["records", "pictures", "engines"]


def test_reads_are_all_paths_of_the_station_file(tmp_path: Path) -> None:
    """At any depth: images of a camera, a model, keys, templates; found by their type."""
    camera = {"driver": "replay", "folder": tmp_path / "images", "width_px": 64, "height_px": 64}
    view = {"name": "top", "camera": camera, "engine": {"bundle": "bolt"}}
    section = EnginesSection(folder=tmp_path / "engines", trust=(tmp_path / "maker.pub",))
    found = needs_of(small_station(tmp_path, view, engines=section), ()).reads
    assert {path.name for path in found} == {"images", "engines", "maker.pub", "records.sqlite"}


def aravis(address: str) -> dict[str, Any]:
    """A view with a camera of the network, or of USB."""
    camera = {
        "driver": "aravis", "address": address, "width_px": 64, "height_px": 64,
        "pixel_format": "mono8", "exposure_us": 100.0, "trigger": "software",
    }  # fmt: skip
    return {"name": address.replace(".", "-"), "camera": camera, "rule": (DIAMETER,)}


def test_needs_of_network_cameras_are_their_addresses(tmp_path: Path) -> None:
    """Each once, beside the PLC; they are looked for by every interface of the box."""
    station = small_station(tmp_path, aravis("192.168.7.2"), aravis("192.168.7.3"))
    found = needs_of(station, ())
    assert found.peers == ("localhost", "192.168.7.2", "192.168.7.3")
    assert (found.finds_cameras, found.devices) == (True, ())


def test_needs_of_a_camera_by_its_id_are_anybody_and_usb(tmp_path: Path) -> None:
    """Nobody knows where it is."""
    found = needs_of(small_station(tmp_path, aravis("Maker-4711")), ())
    assert (found.peers, found.finds_cameras) == (None, True)
    assert found.devices == (("char-usb_device", "rw"),)


@pytest.mark.parametrize(("remove", "names"), [(False, []), (True, ["pictures"])])
def test_folder_camera_writes_where_it_deletes(
    tmp_path: Path, names: list[str], *, remove: bool
) -> None:
    """Else the folder stays read-only."""
    camera = {
        "driver": "folder", "folder": tmp_path / "pictures", "width_px": 64, "height_px": 64,
        "remove": remove,
    }  # fmt: skip
    view = {"name": "top", "camera": camera, "rule": (DIAMETER,)}
    found = needs_of(small_station(tmp_path / "records", view), ())
    assert [path.name for path in found.writes] == ["records", *names]
    assert not found.finds_cameras


def test_engine_on_a_chip_needs_its_device(tmp_path: Path) -> None:
    """Named in the file it is allowed, there or not; left open, what is plugged in now."""
    for backend, allowed in (("hailo", True), ("onnxruntime", False), ("auto", False)):
        view = engine_view(bundle="bolt", backend=backend)
        station = small_station(tmp_path, view, engines=EnginesSection(folder=tmp_path / "e"))
        assert (("/dev/hailo0", "rw") in needs_of(station, ()).devices) == allowed
    assert needs.accelerators(small_station(tmp_path)) == ()


def test_groups_have_that_of_jetson_stats_where_it_may_be_asked(tmp_path: Path) -> None:
    """Not where nobody watches the box, nor where the file says never, nor where it is not."""
    board = small_station(tmp_path, board={})
    assert needs.stats_group(board, "root") == ("root",)
    assert needs.stats_group(board, "no-such-group") == ()
    assert needs.groups(board) == needs.stats_group(board)
    never = small_station(tmp_path, board={"jetson_stats": "never"})
    assert needs.stats_group(never, "root") == ()
    assert needs.stats_group(small_station(tmp_path), "root") == ()


@pytest.mark.parametrize(
    ("host", "plc", "peers"),
    [
        ("127.0.0.1", "10.0.0.9", ("10.0.0.9", "localhost")),
        ("0.0.0.0", "10.0.0.9", None),  # noqa: S104 - said in the file
        ("10.0.0.1", "10.0.0.9", None),
        ("::1", "a-name", None),
    ],
)
def test_peers_are_also_those_who_read_figures_or_look_at_the_screen(
    tmp_path: Path, host: str, plc: str, peers: tuple[str, ...] | None
) -> None:
    """On the loopback this box; else nobody knows by which address they come."""
    station = with_plc(small_station(tmp_path), driver="modbus-client", host=plc)
    served = station.model_copy(update={"metrics": MetricsSection(host=host)})
    assert needs_of(served, ()).peers == peers
    shown = station.model_copy(update={"screen": ScreenSection(host=host)})
    assert needs_of(shown, ()).peers == peers
    by_tls = shown.model_copy(update={"access": AccessSection(lan=True)})
    assert needs_of(by_tls, ()).peers is None
    both = shown.model_copy(update={"metrics": MetricsSection()})
    assert needs_of(both, ()).peers == peers
