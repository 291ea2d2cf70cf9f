"""From words (and turns) to a dialogue with roles and conversation metrics. No audio is touched."""

from collections.abc import Sequence

from pipeline.attribution import Run, gather_runs, merge_runs, words_of_channels, words_of_turns
from pipeline.conversation import find_interruptions, measure
from pipeline.interfaces import Encoder
from pipeline.records import (
    AnalysedDialogue,
    Call,
    Dialogue,
    Diarization,
    Role,
    RoleAssignment,
    Span,
    Transcription,
    Utterance,
)
from pipeline.roles import configured_agent_channel, is_automatic, roles_as_named, roles_by_channel, roles_by_words
from pipeline.settings import RoleSettings
from pipeline.sides import nearest_s


def analyse(
    transcription: Transcription,
    diarization: Diarization | None,
    call: Call,
    settings: RoleSettings,
    encoder: Encoder | None = None,
) -> AnalysedDialogue:
    """Who said what. `diarization` is needed where one channel carries both speakers (`needs_diarization`)."""
    if diarization is None:
        spoken = words_of_channels([(channel.channel, channel.words) for channel in transcription.channels])
    else:
        words = [word for channel in transcription.channels for word in channel.words]
        spoken = words_of_turns(words, diarization.exclusive)
    runs = gather_runs(spoken)
    roles = _named_roles(runs, transcription.language, call)
    if roles is None and diarization is None:
        roles = _configured_roles(call, settings)
    roles = roles or roles_by_words(_said(runs), transcription.language, encoder, call.direction)
    utterances = _utterances(merge_runs(runs), roles, transcription.language)
    speech = _speech_by_role(runs, diarization, roles, transcription.language)
    words_by_role = [(utterance.role, word.start_s) for utterance in utterances for word in utterance.words]
    interruptions = find_interruptions(speech, words_by_role)
    duration_s = transcription.audio.duration_s
    return AnalysedDialogue(
        dialogue=Dialogue(transcription.language, utterances, duration_s),
        roles=roles,
        interruptions=interruptions,
        metrics=measure(utterances, speech, interruptions, duration_s),
    )


def needs_diarization(transcription: Transcription) -> bool:
    """True where both sides may be on one channel: mono, or stereo with speech on one channel only."""
    return sum(1 for channel in transcription.channels if channel.words) == 1


def _said(runs: Sequence[Run]) -> list[tuple[str, str]]:
    return [(run.speaker, run.text) for run in runs]


def _named_roles(runs: Sequence[Run], language: str, call: Call) -> RoleAssignment | None:
    """Where a person said who the agent is: whoever speaks at that second, or nearest to it."""
    at_s = call.agent_at_s
    if at_s is None or not runs:
        return None
    nearest = min(runs, key=lambda run: nearest_s([(word.start_s, word.end_s) for word in run.words], at_s))
    return roles_as_named(_said(runs), language, nearest.speaker)


def _configured_roles(call: Call, settings: RoleSettings) -> RoleAssignment | None:
    agent_channel = configured_agent_channel(call, settings)
    return None if agent_channel is None else roles_by_channel(agent_channel)


def _utterances(runs: Sequence[Run], roles: RoleAssignment, language: str) -> tuple[Utterance, ...]:
    return tuple(
        Utterance(
            index=index,
            role=_role_of(run, roles, language),
            text=run.text,
            speaker=run.speaker,
            start_s=run.start_s,
            end_s=run.end_s,
            words=run.words,
        )
        for index, run in enumerate(runs)
    )


def _role_of(run: Run, roles: RoleAssignment, language: str) -> Role:
    """An automatic voice may share the client's channel: it is still nobody's."""
    if is_automatic(run.text, language):
        return "other"
    return roles.role_by_speaker.get(run.speaker, "other")


def _speech_by_role(
    runs: Sequence[Run], diarization: Diarization | None, roles: RoleAssignment, language: str
) -> list[tuple[Role, Span]]:
    """Speech that may overlap: by words on separate channels, by the diarizer's turns on one."""
    if diarization is None:
        return [(_role_of(run, roles, language), Span(run.start_s, run.end_s)) for run in runs]
    known = roles.role_by_speaker
    return [(known[t.speaker], Span(t.start_s, t.end_s)) for t in diarization.turns if t.speaker in known]
