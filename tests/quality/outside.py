"""The judge on dialogues that others made and annotated for other purposes: only what can honestly be compared."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipeline.checklist import Checklist
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge
from pipeline.records import Evaluation
from pipeline.roles import roles_by_words
from tests.quality.judging import encode_all, judge_dialogues
from tests.quality.measures import share_of
from tests.quality.metrics import Share
from tests.quality.outside_texts import (
    OUTSIDE,
    OutsideDialogue,
    load_abcd,
    load_harpervalley,
    load_persuasion,
    load_robocalls,
    load_taskmaster,
)
from tests.quality.persuasion import persuasion_part
from tests.quality.tables import percent_of, table


def roles_found(dialogues: Sequence[OutsideDialogue], encoder: Encoder) -> Share:
    """Dialogues whose two sides are told apart by their words alone, speakers anonymous."""
    right = []
    for found in dialogues:
        utterances = found.dialogue.utterances
        names = {"agent": "SPEAKER_1", "client": "SPEAKER_0"}
        said = [(names[utterance.role], utterance.text) for utterance in utterances]
        if len({speaker for speaker, _ in said}) == 2:
            decided = roles_by_words(said, found.dialogue.language, encoder).role_by_speaker
            right.append(decided["SPEAKER_1"] == "agent" and decided["SPEAKER_0"] == "client")
    return share_of(right)


def type_counts(evaluations: Sequence[Evaluation]) -> Counter[str]:
    return Counter(found.call_type.call_type for found in evaluations)


def section(checklist: Checklist, judge: Judge, encoder: Encoder, folder: Path = OUTSIDE) -> list[str]:
    """Counts only, never a text."""
    if not folder.is_dir():
        return [f"Not measured: `{folder.name}` of shared/data_dev is not on this machine, and is in no repository."]
    robocalls, persuasion, orders = load_robocalls(folder), load_persuasion(folder), load_taskmaster(folder)
    judged = {
        name: judge_dialogues(texts, encode_all(texts, encoder), checklist, judge)
        for name, found in (("robocalls", robocalls), ("persuasion", persuasion), ("orders", orders))
        for texts in ([each.dialogue for each in found],)
    }
    sources = {
        "PersuasionForGood, persuader and persuadee": persuasion,
        "Taskmaster, assistant and user": orders,
        "ABCD, support chats": load_abcd(folder),
        "HarperValley, a call to a bank": load_harpervalley(folder),
    }
    return [
        "Dialogues in English that others made, for other purposes, with other labels. Nothing was tuned on them.",
        "They are no sales calls to a checklist, so only a few things can be compared; they show how the judge behaves",
        "on foreign ground, not how good it is at its own work.",
        "",
        *types_part(type_counts(judged["robocalls"]), type_counts(judged["orders"])),
        "",
        "Which side is the agent, from the words alone, speakers anonymous:",
        "",
        table(
            ["source", "dialogues right"], [[name, percent_of(roles_found(d, encoder))] for name, d in sources.items()]
        ),
        "",
        *persuasion_part(persuasion, judged["persuasion"]),
    ]


def types_part(robocalls: Counter[str], orders: Counter[str]) -> list[str]:
    def shares(counts: Counter[str]) -> str:
        return ", ".join(f"{name} {count}" for name, count in counts.most_common())

    spam = Share(robocalls["spam"], robocalls.total())
    deals = Share(orders["accelerating"], orders.total())
    rows = [
        ["real robocalls (FTC)", "spam", percent_of(spam), shares(robocalls)],
        ["orders and a booking (Taskmaster)", "accelerating", percent_of(deals), shares(orders)],
    ]
    return [
        "Call type. Robocalls are spam by definition. An order is nearest to an accelerating call, but a first order",
        "can as well be read as qualification, and these are two to eight turns long, at the screen of a coffee bar.",
        "",
        table(["source", "expected", "as expected", "answers"], rows, words=4),
    ]
