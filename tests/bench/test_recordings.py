"""Recordings made for the benchmarks are what their set says."""

from pathlib import Path

import av

from tests.bench.recordings import SHORT_S, cuts, joined, make_set, samples


def facts(path: Path) -> tuple[float, int, int]:
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        return float(stream.duration * stream.time_base), stream.rate, stream.channels


def test_samples_are_told_apart_by_their_channels():
    assert not set(samples(1)) & set(samples(2))
    assert len(samples(1)) + len(samples(2)) == 18


def test_cuts_are_short_and_the_same_each_time(tmp_path: Path):
    (tmp_path / "again").mkdir()
    first, again = cuts(samples(2), tmp_path, 4), cuts(samples(2), tmp_path / "again", 4)
    lengths = [facts(path)[0] for path in first]
    assert all(SHORT_S[0] <= length_s <= SHORT_S[1] for length_s in lengths)
    assert len(set(lengths)) == 4
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert sorted(path.name for path in tmp_path.glob("*.*")) == [f"ru-cut-{place}.wav" for place in range(4)]


def test_a_joined_call_is_as_long_as_asked(tmp_path: Path):
    made = joined(samples(2), tmp_path, 120.0, "long")
    length_s, rate_hz, channels = facts(made)
    assert abs(length_s - 120.0) < 0.5  # whole packets are copied
    assert (rate_hz, channels) == (8000, 2)


def test_rates(tmp_path: Path):
    for name, rate_hz in (("8khz", 8000), ("16khz", 16_000)):
        (tmp_path / name).mkdir()
        (made,) = make_set(name, tmp_path / name, limit=1)
        assert facts(made)[1:] == (rate_hz, 2)
