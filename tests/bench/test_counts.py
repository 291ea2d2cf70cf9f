"""What a run costs by the number of its calls: aims that hold and aims that do not."""

from tests.bench.counts import Cost, render
from tests.bench.measuring import Measured, peaks_by_part


def test_peaks_of_each_fifth() -> None:
    moments = [(0.5, 100.0), (1.5, 900.0), (2.5, 1000.0), (5.0, 1010.0), (9.9, 1200.0)]
    assert peaks_by_part(moments, 10.0) == (900.0, 1000.0, 1010.0, 1010.0, 1200.0)
    assert peaks_by_part([], 10.0) == (0.0,) * 5


def test_a_rise_breaks_its_aim() -> None:
    flat, rising = (900.0, 1000.0, 1000.0, 1000.0, 1010.0), (900.0, 1000.0, 1000.0, 1000.0, 1200.0)
    found = render(
        [Cost(10, Measured(9.0, 20.0, 1010.0, "", flat)), Cost(100, Measured(60.0, 230.0, 1200.0, "", rising))]
    )
    assert "| 100 | 60.0 | 2.30 | 900, 1000, 1000, 1000, 1200 |" in found
    assert "| CPU of a call, 100 calls to 10 | at most 1.1 | 1.15 | NO |" in found
    assert "| memory in the last fifth of the time, to the second | at most 1.1 | 1.20 | NO |" in found
    flat_run = Cost(100, Measured(60.0, 200.0, 1010.0, "", flat))
    assert render([flat_run, flat_run]).count("| yes |") == 2
