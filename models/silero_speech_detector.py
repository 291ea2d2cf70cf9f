"""Silero VAD, as faster-whisper carries it, behind `SpeechDetector`."""

from pipeline.interfaces import ChannelAudio
from pipeline.records import Span

SAMPLE_RATE_HZ = 16_000
WINDOW_S = 600.0  # read ten minutes at a time: memory stays flat however long the call
JOIN_S = 0.05  # speech that was cut by a window's edge is one span again


class SileroSpeechDetector:
    def __init__(self, min_silence_ms: int = 300, pad_ms: int = 200) -> None:
        self._min_silence_ms = min_silence_ms
        self._pad_ms = pad_ms

    @property
    def identity(self) -> str:
        return f"silero-v6:silence{self._min_silence_ms}:pad{self._pad_ms}"

    def detect(self, channel: ChannelAudio) -> tuple[Span, ...]:
        spans: list[Span] = []
        start_s = 0.0
        while start_s < channel.duration_s:
            end_s = min(start_s + WINDOW_S, channel.duration_s)
            for span in self._detect_window(channel, start_s, end_s):
                if spans and span.start_s - spans[-1].end_s <= JOIN_S:
                    spans[-1] = Span(spans[-1].start_s, span.end_s)
                else:
                    spans.append(span)
            start_s = end_s
        return tuple(spans)

    def _detect_window(self, channel: ChannelAudio, start_s: float, end_s: float) -> list[Span]:
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        options = VadOptions(
            min_silence_duration_ms=self._min_silence_ms, speech_pad_ms=self._pad_ms, min_speech_duration_ms=100
        )
        found = get_speech_timestamps(channel.read(start_s, end_s), options)
        return [
            Span(round(start_s + part["start"] / SAMPLE_RATE_HZ, 3), round(start_s + part["end"] / SAMPLE_RATE_HZ, 3))
            for part in found
        ]
