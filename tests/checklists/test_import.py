"""Lists as people have them become checklists that validate, without hand work."""

from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from pipeline.checklist import Checklist, load_checklist
from pipeline.checklist.importing import Imported, import_draft
from pipeline.checklist.list_files import decode, read_list, split_rows
from pipeline.checklist.pasted import read_line, read_text
from pipeline.checklist.tables import read_table
from pipeline.checklist.wording import language_of, load_known, make_id, recognise
from pipeline.errors import ConfigurationError, InputError

LISTS = Path(__file__).parent / "lists"
FIVE_STAGES = [("Установление контакта", 20), ("Выявление потребностей", 25), ("Презентация", 20),
               ("Работа с возражениями", 20), ("Завершение", 15)]  # fmt: skip
RULES = {"needs", "product", "upsell", "objection", "closing", "greeting"}


def take(path: Path) -> Imported:
    return import_draft(read_list(path), path.stem)


def group_sums(checklist: Checklist) -> list[tuple[str, float]]:
    sums: Counter[str] = Counter()
    for criterion in checklist.criteria:
        sums[next(iter(checklist.groups[criterion.group].values()))] += criterion.weights["objection"]  # type: ignore[assignment]
    return list(sums.items())


def workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Лист{number}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def csv_rows(name: str) -> list[list[object]]:
    rows, _ = split_rows((LISTS / name).read_bytes().decode("cp1251"))
    return [[int(cell) if cell.isdigit() else cell or None for cell in row] for row in rows]


@pytest.mark.parametrize("source", ["csv", "txt", "xlsx"])
def test_a_hundred_points_in_five_stages(source: str, tmp_path: Path) -> None:
    path = {"csv": LISTS / "five_stages_cp1251.csv", "txt": LISTS / "five_stages.txt"}.get(source)
    imported = take(path or workbook(tmp_path / "five.xlsx", [[]], csv_rows("five_stages_cp1251.csv")))
    checklist = imported.checklist
    assert len(checklist.criteria) == 19
    assert group_sums(checklist) == FIVE_STAGES
    assert {criterion.rule for criterion in checklist.criteria if criterion.rule} == RULES
    assert {criterion.scale for criterion in checklist.criteria} == {("no", "yes")}
    assert all("spam" not in criterion.weights for criterion in checklist.criteria)
    when_objected = [c.title["ru"] for c in checklist.criteria if c.applies_when == "objection_raised"]
    assert when_objected == [
        "Выслушал возражение, не перебивая",
        "Отработал возражения",
        "Проверил, что возражение снято",
    ]
    assert checklist.title["ru"].startswith("Чек-лист оценки")
    assert "19 criteria, 100 points in all" in imported.guesses
    assert any("rule: closing" in guess for guess in imported.guesses)
    assert len(imported.to_do) == 4  # what no phrase list or metric of ours and no head answers


@pytest.mark.parametrize("source", ["csv", "xlsx"])
def test_thirteen_criteria_with_levels(source: str, tmp_path: Path) -> None:
    path = LISTS / "thirteen_cp1251.csv"
    checklist = take(path if source == "csv" else workbook(tmp_path / "13.xlsx", csv_rows(path.name))).checklist
    assert len(checklist.criteria) == 13
    assert group_sums(checklist) == [("Стандарт", 25), ("Продажа", 65), ("Итог", 10)]
    assert {criterion.scale for criterion in checklist.criteria} == {("0", "1", "2")}
    assert [criterion.id for criterion in checklist.criteria if criterion.critical] == ["politeness"]
    assert checklist.criterion("needs").levels["1"] == {"ru": "Один вопрос"}
    assert checklist.criteria[-1].phrases is None  # said or not said tells nothing on levels of the list's own


def test_thirteen_criteria_pasted_in_english() -> None:
    imported = take(LISTS / "thirteen.txt")
    checklist = imported.checklist
    assert [name for name, _ in group_sums(checklist)] == ["Opening", "Discovery", "Offer", "Closing", "Culture"]
    assert sum(criterion.weights["objection"] for criterion in checklist.criteria) == 100
    assert checklist.criterion("politeness").critical
    assert checklist.criterion("thanked").phrases is not None
    assert checklist.title == {"en": "Quality checklist"}
    assert not imported.to_do
    purpose, listened = checklist.criterion("purpose").phrases, checklist.criterion("no_interrupting").metric
    assert purpose is not None and purpose.otherwise == "not_enough_evidence"  # it may be said in other words
    assert listened is not None and (listened.name, listened.of) == ("interruptions", "agent")
    assert any("metric: interruptions" in guess for guess in imported.guesses)


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    for path in sorted(LISTS.iterdir()):
        imported = take(path)
        (tmp_path / "out.yaml").write_text(imported.text, encoding="utf-8")
        assert load_checklist(tmp_path / "out.yaml").version == imported.checklist.version


@pytest.mark.parametrize(
    ("line", "title", "points"),
    [
        ("1. Приветствие — 10 баллов", "Приветствие", 10),
        ("- Greeting (5)", "Greeting", 5),
        ("• Спросил бюджет (вес 3)", "Спросил бюджет", 3),
        ("Powitanie: 5 pkt", "Powitanie", 5),
        ("2) Назвал цену ...... 2,5", "Назвал цену", 2.5),
        ("Реакция 0-5 баллов", "Реакция", 5),
        ("10 баллов — Подвёл итог", "Подвёл итог", 10),
        ("Вежливость, 20%", "Вежливость", 20),
        ("- Назвал цену\t7", "Назвал цену", 7),
        ("Представился (да/нет)", "Представился", None),
        ("Перезвонил в 10:30", "Перезвонил в 10:30", None),
        ("1. Перезвонил за 30 секунд", "Перезвонил за 30 секунд", None),
        ("☐ Сказал «спасибо» до 3 баллов", "Сказал «спасибо»", 3),
    ],
)
def test_points_in_whatever_way_people_write_them(line: str, title: str, points: float | None) -> None:
    found = read_line(line)
    assert (found.title, found.points) == (title, points)


def test_headings_continuations_and_totals_of_pasted_text() -> None:
    draft = read_text(
        "Оценка звонка\n# Этап 1. НАЧАЛО\n1. Поздоровался - 5 баллов (критический)\n   пояснение к пункту\n"
        "2. Представился - 5 баллов\n---\nКонец:\n3. Попрощался - 5 баллов\nВсего: 20"
    )
    assert [(line.title, line.points, line.group, line.critical) for line in draft.lines] == [
        ("Поздоровался", 5, "Начало", True),
        ("Представился", 5, "Начало", False),
        ("Попрощался", 5, "Конец", False),
    ]
    assert (draft.title, draft.total) == ("Оценка звонка", 20)
    assert "the list says 20 in all, its criteria add up to 15: check the points" in import_draft(draft, "x").guesses


def test_a_list_without_points_or_groups() -> None:
    imported = import_draft(read_text("- Назвал имя\n- Назвал имя\n- Сказал, что перезвонит"), "наш список", "ours")
    assert [criterion.id for criterion in imported.checklist.criteria] == [
        "nazval_imya",
        "nazval_imya_2",
        "skazal_perezvonit",
    ]
    assert imported.checklist.id == "ours"
    assert {weight for c in imported.checklist.criteria for weight in c.weights.values()} == {1}
    assert 'criterion "nazval_imya": the list gives no points; weight 1 was written' in imported.to_do


def test_lines_above_the_first_stage_have_a_group_of_their_own() -> None:
    imported = import_draft(read_text("1. Имя - 2 балла\nЭтап 2. Финал\n2. Итог - 3 балла"), "x")
    assert [criterion.group for criterion in imported.checklist.criteria] == ["general", "final"]


def test_a_table_without_headings_and_with_choices_of_points() -> None:
    draft = read_table([["1", "Поздоровался и представился", "5"], ["2", "Назвал цену и срок", "10"]])
    assert [(line.title, line.points) for line in draft.lines] == [
        ("Поздоровался и представился", 5),
        ("Назвал цену и срок", 10),
    ]
    assert draft.guesses == ("the table has no headings: its columns were told by what stands in them",)
    chosen = read_table([["Criterion", "Points"], ["Told the price", "0/5/10"], ["Named himself", "0-4"]])
    assert [(line.scale, line.points) for line in chosen.lines] == [(("0", "5", "10"), 10), (None, 4)]
    with pytest.raises(ValueError, match="no column holds texts"):
        read_table([["1", "2"], ["3", "4"]])


def test_tables_with_yes_and_no_columns_and_points_in_the_title() -> None:
    table = [
        ["Компания «Север»", "", ""],
        ["Критерий", "Нет", "Да"],
        ["Назвал цену (5)", "Не назвал", "Назвал сумму"],
        ["", "", ""],
        ["", "Раздел для галочки", ""],
        ["Итого", "", ""],
    ]
    draft = read_table(table)
    (line,) = draft.lines
    assert (line.points, line.scale, line.levels) == (5, ("no", "yes"), (("no", "Не назвал"), ("yes", "Назвал сумму")))
    assert draft.title == "Компания «Север»"


def test_encodings_and_delimiters() -> None:
    assert decode("Приветствие и имя".encode("cp1251")) == ("Приветствие и имя", "cp1251")
    assert decode("Podziękował, pożegnał się".encode("cp1250")) == ("Podziękował, pożegnał się", "cp1250")
    assert decode("Итог".encode("utf-16")) == ("Итог", "utf-16")
    assert decode("\ufeffИтог".encode()) == ("Итог", "utf-8")
    for delimiter in ";\t,|":
        rows, found = split_rows(f"Критерий{delimiter}Балл\nИмя{delimiter}5\n")
        assert (rows, found) == ([["Критерий", "Балл"], ["Имя", "5"]], delimiter)
    assert split_rows("Имя\nЦена")[1] is None
    assert split_rows("")[1] is None


def test_workbooks_as_people_fill_them(tmp_path: Path) -> None:
    column = workbook(tmp_path / "column.xlsx", [], [["1. Приветствие - 5 баллов"], ["2. Итог - 2.5 балла"]])
    assert [line.points for line in read_list(column).lines] == [5, 2.5]
    assert 'sheet "Лист1" was read' in read_list(column).guesses
    table = workbook(tmp_path / "table.xlsx", [["Критерий", "Балл"], ["Назвал цену", 5.0], ["Назвал срок", 2.5]])
    assert [line.points for line in read_list(table).lines] == [5, 2.5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "cannot be read: No such file or directory"),
        ("empty.txt", b"", "no criteria were found; give a table"),
        ("numbers.csv", b"1;2\n3;4\n", "no column holds texts; give a table"),
        (
            "broken.xlsx",
            b"PK no zip",
            "is no workbook that can be read (BadZipFile): save it as .xlsx again",
        ),
    ],
)
def test_what_cannot_be_imported_is_said(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_list(tmp_path / name)
    assert f"{name}: {message}" in str(error.value)
    workbook(tmp_path / "bare.xlsx", [])
    with pytest.raises(InputError, match="no sheet holds criteria"):
        read_list(tmp_path / "bare.xlsx")


@pytest.mark.parametrize(
    ("title", "known"),
    [
        ("Приветствие", "greeting"),
        ("Поздоровался и представился", "greeting"),
        ("Назвал компанию", None),
        ("Поздоровался", None),
        ("Выявил потребности", "needs"),
        ("Приветствие клиента и выявление потребностей", None),
        ("Objections handled", "objection"),
        ("Domknięcie", "closing"),
        ("Вежливость (весь разговор)", "politeness"),
        ("Уточнил, удобно ли говорить", "may_talk"),
        ("Поблагодарил и попрощался", None),  # two in one: no list of phrases answers both
        ("Подвёл итоги", "summary"),
        ("Узнал имя клиента", "client_name"),
        ("Обозначил цель звонка", "purpose"),
        ("Выяснил бюджет и сроки", None),
        ("Asked about the budget", "budget"),
        ("Проверил, что возражение снято", "objection_settled"),
        ("Выслушал клиента", None),  # whether he interrupted is not all of it
        ("Не перебивал клиента", "no_interrupting"),
        ("Nie przerywał", "no_interrupting"),
    ],
)
def test_only_clear_wordings_are_taken_for_known_criteria(title: str, known: str | None) -> None:
    found = recognise(title)
    assert (found.id if found else None) == known


def test_ids_are_readable_and_languages_told(tmp_path: Path) -> None:
    assert make_id("Щедрый объём и ёмкость", ()) == "shchedryy_obem_emkost"
    assert make_id("Żółta łódź w porcie", ()) == "zolta_lodz_porcie"
    assert make_id("3 вопроса", ()) == "c_3_voprosa"
    assert make_id("!!!", {"criterion"}) == "criterion_2"
    assert [language_of(text) for text in ("Итог", "Czy podziękował", "Thanks")] == ["ru", "pl", "en"]
    (tmp_path / "known.yaml").write_text("- {id: x, wordings: [a]}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"known.yaml: wording: field required"):
        load_known(tmp_path / "known.yaml")
