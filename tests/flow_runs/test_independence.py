"""A judge sees the words of one conversation: nothing about the manager, the client, the file or the past reaches it.

Two nights hear the same recording under other names, of another manager with another past; what is suggested, down to
the bytes that are stored and sent, is the same.
"""

import hashlib
import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.batch import run_batch
from flows.text_scoring import score_file
from pipeline.prescoring import Ladder, evaluate
from pipeline.prescoring.instruct_rung import InstructRung
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.nli_rung import NliRung
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import Dialogue, Utterance, Word
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.rows import fetch
from pipeline.store.verdicts import CallTypeVerdict, Verdict, append_call_type_verdict, append_verdicts
from tests.flow_runs.judged import evaluations_of, judged_order
from tests.flow_runs.recordings import stereo_call
from tests.model_adapters.served import Reply, Server, serve

TARGET = 5  # the recording that both nights hear
ANSWER = Reply(json.dumps({"evidence": [], "reason": "", "call_type": "unknown", "confidence": 0.9}))


@dataclass(frozen=True)
class Circumstances:
    """Everything around the words. Source and direction stay: they tell the channels' roles."""

    call_id: str
    manager: str
    phone: str
    file_name: str
    started_at: str
    earlier_calls: int  # of the same manager, judged and confirmed as bad


PLAIN = Circumstances("1", "Анна", "+7 000 555-01-01", "call.wav", "2026-10-05T10:12:04", 0)
OTHER = Circumstances(
    "987654", "Вениамин Кржижановский (стажёр)", "+48 22 555 01 99", "Krzyzanowski_bad-manager_0of100.wav",
    "2019-01-01T23:59:59", 3,
)  # fmt: skip


@dataclass(frozen=True)
class Night:
    evaluation: list[tuple[str, str, str]]  # of the target
    requests: list[str]  # to the instruct model, about the target


def write_journal(path: Path, around: Circumstances) -> Path:
    rows = [(around.call_id, around.file_name, around.started_at)]
    rows += [(f"past-{n}", f"past-{n}.wav", "2018-01-01T00:00:00") for n in range(around.earlier_calls)]
    lines = ["call_id,started_at,direction,manager,client_phone,duration_s,answered,file_name,source"]
    for call_id, name, started_at in rows:
        lines.append(f"{call_id},{started_at},outgoing,{around.manager},{around.phone},12,yes,{name},office")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def condemn(store: Path) -> int:
    """The worst verdict on every suggestion that is stored."""
    with Store(store).writing() as con:
        rows = con.execute("SELECT DISTINCT evaluation_id, criterion_id FROM base.suggestions").fetchall()
        append_verdicts(con, [Verdict(evaluation, criterion, True, 0.0, "ОКК") for evaluation, criterion in rows])
        ids = sorted({evaluation for evaluation, _ in rows})
        for evaluation in ids:
            append_call_type_verdict(con, CallTypeVerdict(evaluation, "spam", "ОКК"))
    return len(rows)


def night(settings: Settings, root: Path, around: Circumstances, server: Server) -> Night:
    """Hears the past first and condemns it, then the target."""
    order = judged_order(settings, root / "data", server.base_url, ("heads", "vectors", "instruct"))
    inbox = root / "inbox"
    inbox.mkdir(parents=True)
    for number in range(around.earlier_calls):
        stereo_call(inbox / f"past-{number}.wav", 20 + number)
    journal = write_journal(root / "calls.csv", around)
    if around.earlier_calls:
        run_batch(order, [inbox], journal, b"key", 0)
        assert condemn(order.data.store) > 0
    server.asked.clear()
    stereo_call(inbox / around.file_name, TARGET)
    run_batch(order, [inbox], journal, b"key", 0)
    with Store(order.data.store).reading() as con:
        (call,) = [row for row in fetch(con, "list_calls") if row["file_name"] == around.file_name]
    assert call["manager"] == around.manager
    sha = hashlib.sha256((inbox / around.file_name).read_bytes()).hexdigest()
    return Night(evaluations_of(order.data.store, sha), [json.dumps(body, sort_keys=True) for body in server.asked])


@pytest.fixture(scope="module")
def nights(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, Night]]:
    root = tmp_path_factory.mktemp("nights")
    with serve([ANSWER]) as server:
        yield night(settings, root / "plain", PLAIN, server), night(settings, root / "other", OTHER, server)


def test_another_manager_with_another_past_gets_the_same_suggestions(nights: tuple[Night, Night]) -> None:
    plain, other = nights
    assert len(plain.evaluation) == 1
    assert plain.evaluation == other.evaluation  # content, stage key and payload, to the byte


def test_the_instruct_model_is_sent_the_same_bytes(nights: tuple[Night, Night]) -> None:
    plain, other = nights
    assert plain.requests and plain.requests == other.requests
    everything = "\n".join(json.loads(body)["messages"][1]["content"] for body in other.requests)
    assert '"text": "добрый день компания вектор меня зовут анна' in everything  # what is said is there
    for secret in ("Вениамин", "Кржижановский", "стажёр", "Krzyzanowski", "01 99", "0199", "987654", "2019", "past-"):
        assert secret not in everything


def test_a_name_is_sent_only_where_it_is_spoken(nights: tuple[Night, Night]) -> None:
    """The agent says "анна" in the recording; the journal's "Анна" is what must not add to it."""
    sent = [json.loads(body)["messages"] for body in nights[0].requests]
    assert all("Анна" not in message["content"].split("</transcript")[0] for messages in sent for message in messages)


def test_verdicts_on_a_call_do_not_change_its_next_judgement(settings: Settings, tmp_path: Path) -> None:
    """The same call judged again after it was condemned, by another judge: as if nobody had ever said anything."""
    payloads = []
    with serve([ANSWER]) as server:
        for name, condemned in (("quiet", False), ("condemned", True)):
            first = judged_order(settings, tmp_path / name, server.base_url, ("rules",))
            inbox = tmp_path / f"inbox-{name}"
            inbox.mkdir()
            stereo_call(inbox / "call.wav", TARGET)
            run_batch(first, [inbox], None, None, 0)
            if condemned:
                condemn(first.data.store)
            again = judged_order(settings, tmp_path / name, server.base_url, ("rules", "instruct"))
            run_batch(again, [inbox], None, None, 0)
            payloads.append(sorted(evaluations_of(again.data.store)))
    assert len(payloads[0]) == 2
    assert payloads[0] == payloads[1]


def test_a_chat_line_may_carry_a_manager_and_scores_that_nobody_reads(settings: Settings, tmp_path: Path) -> None:
    turns = [
        {"role": "agent", "text": "Добрый день, компания «Север»."},
        {"role": "client", "text": "Сколько стоит доставка? Дорого, наверное."},
        {"role": "agent", "text": "Смотря куда. Какой у вас адрес и что везём?"},
        {"role": "client", "text": "Мебель, на дачу. Я подумаю."},
    ]
    more = {"manager": "Вениамин", "score": 0, "history": [{"cqr": 12}], "verdicts": {"greeting": 0}, "phone": "+7"}
    found: list[Any] = []
    with serve([ANSWER]) as server:
        order = judged_order(settings, tmp_path / "data", server.base_url)
        for number, extra in enumerate(({}, more)):
            source, out = tmp_path / f"in-{number}.jsonl", tmp_path / f"out-{number}.jsonl"
            line = {"id": "x", "language": "ru", "turns": turns} | extra
            source.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
            server.asked.clear()
            assert score_file(source, out, "cqr", order).scored == 1
            found.append((out.read_bytes(), list(server.asked)))
    assert found[0] == found[1]
    assert found[0][1]


def names(kind: Any) -> set[str]:
    return {field.name for field in fields(kind)}


def test_what_a_judge_is_given_has_no_place_for_anything_else() -> None:
    """A new field here is a new thing that a judge knows: think before you add it to this test."""
    assert names(Dialogue) == {"language", "utterances", "duration_s"}
    assert names(Utterance) == {"index", "role", "text", "speaker", "start_s", "end_s", "words"}
    assert names(Word) == {"text", "start_s", "end_s", "probability"}
    assert names(Case) == {"dialogue", "reading", "call_type", "vectors"}
    assert names(Reading) == {"lexicon", "lines", "findings"}  # what rules found in these lines, kept
    assert names(Line) == {"position", "utterance", "tokens", "sentences", "hits"}
    assert not any(field.type in (datetime, "datetime") for kind in (Dialogue, Case) for field in fields(kind))


def test_a_judge_is_asked_with_a_case_and_criteria_alone() -> None:
    assert list(inspect.signature(evaluate).parameters) == ["dialogue", "checklist", "judge", "settings", "vectors"]
    for kind in (Ladder, NliRung, InstructRung):
        assert list(inspect.signature(kind.classify).parameters) == ["self", "case"]
        assert list(inspect.signature(kind.suggest).parameters) == ["self", "case", "criterion"]
    assert list(inspect.signature(Ladder.read).parameters) == ["self", "dialogue", "vectors"]
