"""What the station file may say of the figures."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gonogo.records.metrics.section import MetricsSection


def test_section_serves_this_box_alone_unless_it_says_otherwise() -> None:
    """Nothing of a station is open to a network that nobody has named."""
    section = MetricsSection()
    assert (section.host, section.port, section.here_alone) == ("127.0.0.1", 9464, True)
    assert MetricsSection(host="::1").here_alone
    assert section.in_words() == "figures at http://127.0.0.1:9464/metrics, for this box alone"
    assert "http://[::]:9464/metrics, for whoever" in MetricsSection(host="::").in_words()
    assert not MetricsSection(host="0.0.0.0").here_alone  # noqa: S104 - said in the file


@pytest.mark.parametrize("host", ["station.local", "", "127.0.0.1:9464", "999.1.1.1"])
def test_section_takes_addresses_and_no_names(host: str) -> None:
    """A name may take a while, and mean another address tomorrow."""
    with pytest.raises(ValidationError, match=r"expected an address of this box as 127\.0\.0\.1"):
        MetricsSection(host=host)


@pytest.mark.parametrize(("port", "taken"), [(1023, False), (1024, True), (65536, False)])
def test_section_bounds_the_port(port: int, *, taken: bool) -> None:
    """One of the system's would need a right."""
    if taken:
        assert MetricsSection(port=port).port == port
        return
    with pytest.raises(ValidationError, match="port"):
        MetricsSection(port=port)
