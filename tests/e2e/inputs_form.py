"""A checklist with every type of question and every appearance that a phone draws, as its compiled definition."""

import hashlib
import io
import json
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

FORM = "every_input"
LONG = 20_000
"""Rows of the attached table: what a form may bring at most."""

Texts = dict[str, str]


def texts(english: str, russian: str) -> Texts:
    """A text in the two languages of the form."""
    return {"en": english, "ru": russian}


def drawn_picture() -> bytes:
    """A small PNG: an urn on a table, more or less."""
    picture = Image.new("RGB", (480, 320), "#e4efea")
    picture.paste("#2f6f5e", (140, 90, 340, 250))
    picture.paste("#16211f", (200, 110, 280, 120))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def spoken() -> bytes:
    """A second of silence as WAV."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8000)
    return buffer.getvalue()


FILES = {"urn.png": drawn_picture(), "question.wav": spoken()}
HASHES = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
MISSING = "f" * 64
"""A picture the definition names and the server does not hold."""


def ask(name: str, kind: str, english: str, russian: str, looks: str = "", **more: Any) -> dict[str, Any]:
    """One question; `looks` is its appearance as an author writes it."""
    appearance = {"appearance": looks.split()} if looks else {}
    return {"id": name, "type": kind, "label": texts(english, russian), **appearance, **more}


def numbers() -> list[dict[str, Any]]:
    """Numbers, texts and dates."""
    return [
        ask("scale", "range", "How orderly was it?", "Насколько всё было упорядочено?",
            parameters={"start": 1, "end": 10, "step": 1}, required=["b", True]),
        ask("share", "range", "Share of the hall that was full", "Какая часть зала была заполнена?", "vertical",
            parameters={"start": 0, "end": 1, "step": 0.05}),
        ask("stars", "range", "Overall", "В целом", "rating", parameters={"start": 1, "end": 5, "step": 1}),
        ask("people", "integer", "People who came in", "Вошло людей", "counter"),
        ask("ballots", "integer", "Ballots received", "Получено бюллетеней", "thousands-sep"),
        ask("phone", "text", "Telephone", "Телефон", "numbers"),
        ask("site", "text", "Address on the web", "Адрес в интернете", "url"),
        ask("code_word", "text", "Code word", "Кодовое слово", "masked"),
        ask("story", "text", "What happened?", "Что произошло?", "multiline", parameters={"rows": 6},
            hint=texts('# In **their** words\n<span style="color:yellow">Slowly</span>, <script>x</script>',
                       '# Их **словами**\n<span style="color:yellow">Медленно</span>, <script>x</script>'),
            guidance_hint=texts("Who, where, when. No names of sources.", "Кто, где, когда. Без имён источников.")),
        ask("since", "date", "Member of the commission since", "В комиссии с", "month-year"),
        ask("founded", "date", "Year of foundation", "Год основания", "year"),
        ask("sat_on", "date", "Day of the sitting", "День заседания"),
        ask("opened_at", "time", "Time of opening", "Время открытия"),
        ask("noted_at", "datetime", "Noted down", "Записано"),
        ask("counted", "calculate", "Ballots for each person", "Бюллетеней на человека",
            calculation=["div", ["ref", "ballots"], ["ref", "people"]]),
        ask("fixed", "text", "Set by headquarters", "Задано штабом", default=["s", "Round one"], read_only=True),
        ask("secret", "hidden", "Hidden", "Скрыто", default=["s", "x"]),
        ask("begun", "metadata", "Begun", "Начато", metadata="start"),
    ]  # fmt: skip


def choices() -> list[dict[str, Any]]:
    """Every way to choose."""
    return [
        ask("role", "select_one", "Who answered?", "Кто отвечал?", "minimal", list="roles"),
        ask("parties", "select_multiple", "Parties present", "Присутствуют партии", "minimal", list="roles"),
        ask("settlement", "select_one", "Settlement", "Населённый пункт", table="settlements"),
        ask("visited", "select_multiple", "Places visited", "Где побывали", "autocomplete", table="settlements"),
        ask("trust", "select_one", "The count was transparent", "Подсчёт был прозрачным", "likert", list="agree"),
        ask("doors", "select_one", "Doors", "Двери", "columns-3", list="abc"),
        ask("signs", "select_multiple", "What was displayed?", "Что было вывешено?", "columns-pack", list="pictures"),
        ask("first_quick", "select_one", "Queue outside?", "Очередь снаружи?", "quick", list="abc"),
        ask("second_quick", "select_one", "Queue inside?", "Очередь внутри?", "quick", list="yes_no"),
        ask("problems", "rank", "Problems, the worst first", "Проблемы, худшая первой", list="troubles"),
        ask("seen", "acknowledge", "I have read the code of conduct", "Кодекс поведения прочитан"),
    ]  # fmt: skip


def grids() -> list[dict[str, Any]]:
    """Two grids, as authors make them in two ways."""
    return [
        ask("grid_head", "select_one", "Materials at the station", "Материалы на участке", "label", list="agree"),
        ask("grid_one", "select_one", "Ballot boxes", "Урны", "list-nolabel", list="agree"),
        ask("grid_two", "select_one", "Seals", "Пломбы", "list-nolabel", list="agree"),
        ask("table_one", "select_multiple", "Morning", "Утро", group="hours", list="abc"),
        ask("table_two", "select_multiple", "Evening", "Вечер", group="hours", list="abc"),
    ]


def shown() -> list[dict[str, Any]]:
    """Pictures, recordings and values of other answers in texts."""
    picture, sound = {"en": HASHES["urn.png"]}, {"en": HASHES["question.wav"]}
    return [
        ask("shown_note", "note", "This is how the urn looks for ${people} people",
            "Так выглядит урна на ${people} чел.", media={"big_image": picture, "image": picture, "audio": sound}),
        ask("shown_gone", "select_one", "And this one?", "А эта?", list="yes_no", media={"image": {"en": MISSING}}),
    ]  # fmt: skip


def attached() -> list[dict[str, Any]]:
    """Everything that is sealed and sent beside the answers."""
    return [
        ask("photo", "photo", "Photo of the protocol", "Фото протокола", parameters={"max-pixels": 640}),
        ask("signature", "photo", "Signature of the observer", "Подпись наблюдателя", "signature"),
        ask("plan", "photo", "Plan of the room", "План помещения", "draw"),
        ask("marked", "photo", "Mark it on the photo", "Отметьте на фото", "annotate"),
        ask("said", "audio", "What was said", "Что было сказано"),
        ask("filmed", "video", "What was seen", "Что было видно"),
        ask("document", "file", "Document", "Документ"),
        ask("sealed_box", "barcode", "Code of the seal", "Код пломбы"),
    ]


def places() -> list[dict[str, Any]]:
    """Where things are."""
    return [
        ask("here", "geopoint", "Where are you?", "Где вы?", "placement-map"),
        ask("way", "geotrace", "The way of the box", "Путь урны"),
        ask("square", "geoshape", "The square that was closed", "Закрытая площадь"),
    ]


def choice(name: str, english: str, russian: str, **more: Any) -> dict[str, Any]:
    """One choice."""
    return {"name": name, "label": texts(english, russian), **more}


def lists() -> dict[str, list[dict[str, Any]]]:
    """The choice lists."""
    return {
        "roles": [
            choice("chair", "Chair of the commission", "Председатель комиссии"),
            choice("member", "Member", "Член комиссии"),
            choice("proxy", "Proxy of a candidate", "Доверенное лицо"),
            choice("none", "Nobody", "Никто"),
        ],
        "agree": [
            choice("strongly", "Fully agree", "Полностью согласен"),
            choice("rather", "Rather agree", "Скорее согласен"),
            choice("hardly", "Rather not", "Скорее нет"),
            choice("not", "Not at all", "Совсем нет"),
        ],
        "abc": [choice("a", "Open", "Открыто"), choice("b", "Half", "Наполовину"), choice("c", "Shut", "Закрыто")],
        "yes_no": [choice("yes", "Yes", "Да"), choice("no", "No", "Нет")],
        "pictures": [
            choice("urn", "The urn", "Урна", media={"image": {"en": HASHES["urn.png"]}}),
            choice("lists", "Voter lists", "Списки избирателей"),
            choice("rules", "Rules", "Правила"),
        ],
        "troubles": [
            choice("queue", "Queues", "Очереди"),
            choice("lists", "Errors in the voter lists", "Ошибки в списках избирателей"),
            choice("heat", "No heating", "Нет отопления"),
        ],
    }


def section(name: str, english: str, russian: str, nodes: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One section."""
    return {"id": name, "title": texts(english, russian), "nodes": list(nodes)}


def every_input() -> dict[str, Any]:
    """The definition, as the phone gets it."""
    stems = ("Ақтөбе", "Oral", "Жаркент", "Шымкент", "Taraz")
    rows = [[f"s{number}", f"{stems[number % len(stems)]} {number}"] for number in range(LONG)]
    kinds = {"urn.png": "image/png", "question.wav": "audio/x-wav"}
    files = {HASHES[name]: {"name": name, "type": kinds[name], "size": len(content)} for name, content in FILES.items()}
    return {
        "format": 1,
        "id": FORM,
        "version": "1",
        "title": texts("Every way to answer", "Все способы ответить"),
        "short": texts("Every input", "Все ответы"),
        "languages": ["en", "ru"],
        "default_language": "en",
        "kind": "other",
        "sections": [
            section("s_numbers", "Numbers and words", "Числа и слова", numbers()),
            section("s_choices", "Choices", "Выбор", choices()),
            section("s_grids", "Grids", "Таблицы", grids()),
            section("s_shown", "Pictures and sounds", "Картинки и звук", shown()),
            section("s_attached", "Attachments", "Вложения", attached()),
            section("s_places", "Places", "Места", places()),
        ],
        "groups": {"hours": {"label": texts("Doors all day", "Двери весь день"), "appearance": ["table-list"]}},
        "choices": lists(),
        "tables": {"settlements": {"columns": ["name", "label"], "rows": rows}},
        "files": files | {MISSING: {"name": "lost.png", "type": "image/png", "size": 10}},
        "order": ["counted"],
        "dependants": {"ballots": ["counted"], "people": ["counted"]},
    }


def write_form(folder: Path) -> Path:
    """Write the definition and its files into a folder; return the definition's path."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    path = folder / f"{FORM}.json"
    path.write_text(json.dumps(every_input(), ensure_ascii=False))
    return path
