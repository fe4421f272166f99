"""Invented texts for one question each: comments, facts and reasons in an observer's voice; nobody is named."""

from __future__ import annotations

from typing import Final

from steppe.simulate.sentences import Sentences

TOLD: Final[dict[str, Sentences]] = {
    "wkl_summary": {
        "en": (
            "Preparations are on time. The campaign stays subdued. Few complaints; none decided late.",
            "Commissions are open to us. Parties use posters and networks, hardly any meetings outdoors.",
        ),
        "ru": ("Подготовка идёт по графику. Кампания малозаметна. Жалоб немного.",),
    },
    "wkl_t_news": {
        "en": (
            "Seen at two sessions: members discuss before deciding and post the decisions on the board.",
            "Two interlocutors independently spoke of lists that were corrected after complaints of voters.",
            "Stated by one party office: places for posters are shared out by lot.",
        ),
        "ru": (
            "Видели на двух заседаниях: решения обсуждают и вывешивают.",
            "По словам двух независимых собеседников, списки исправлены после жалоб избирателей.",
        ),
    },
    "wkl_t_contrary": {
        "en": ("One interlocutor saw no difficulties at all.", "The akimat denied it."),
        "ru": ("Акимат это отрицает.",),
    },
    "wkl_by_category": {
        "en": ("Election commission: 4\nPolitical party: 3\nCivil society organisation: 2",),
        "ru": ("Election commission: 5\nPolitical party: 2\nMedia: 1",),
    },
    "wkl_by_gender": {"en": ("Woman: 5\nMan: 4",), "ru": ("Woman: 4\nMan: 4",)},
    "wkl_not_met": {"en": ("Auyl\nCourt; Religious community; Academia",), "ru": ("Adal\nProsecutor; Academia",)},
    "wkl_allegations_open": {"en": ("2020-12-19: Pressure on voters",), "ru": ("2020-12-21: Voter list",)},
    "wkl_good_practice": {
        "en": ("A commission put large-print posters at the height of a wheelchair.",),
        "ru": ("Комиссия разместила плакаты крупным шрифтом.",),
    },
    "wkl_plan": {
        "en": ("Monday: commission session in the city. Wednesday: two districts, parties and courts.",),
        "ru": ("Понедельник: заседание комиссии. Среда: два района.",),
    },
    "evt_comment": {
        "en": (
            "The event was calm and short; masks were worn and distance was kept.",
            "Speakers presented the programme and answered questions from the audience.",
            "Few people stopped at the stand. Leaflets carried the imprint.",
        ),
        "ru": (
            "Мероприятие прошло спокойно, соблюдалась дистанция.",
            "Выступавшие представили программу и ответили на вопросы.",
        ),
    },
    "evt_intolerant_words": {
        "en": ("Words about newcomers to the region; noted in the notebook with a translation.",),
        "ru": ("Слова о приезжих; записаны в блокноте с переводом.",),
    },
    "com_code": {"en": ("TEC-04", "TEC-11", "PEC-205"), "ru": ("ТИК-04", "УИК-118")},
    "com_refusal_grounds": {
        "en": ("Documents incomplete; the time to correct them had passed.", "Tax declaration of one candidate."),
        "ru": ("Неполный пакет документов.",),
    },
    "com_comment": {
        "en": (
            "The commission received us without delay and showed the minutes of its last sessions.",
            "Members answered from the manual. The list could be checked at a desk near the entrance.",
            "Protective equipment was stored in the next room; ballots had not arrived yet.",
        ),
        "ru": (
            "Комиссия приняла нас сразу и показала протоколы последних заседаний.",
            "Члены комиссии уверенно отвечали на вопросы.",
        ),
    },
    "opn_delay_reason": {
        "en": ("Sealing of the mobile box took longer than planned.", "The stamp was fetched from the safe."),
        "ru": ("Опечатывание переносной урны заняло больше времени.",),
    },
    "opn_comment": {
        "en": (
            "The boxes were shown to everybody present, then sealed. Figures were read aloud.",
            "Preparations were calm; tasks were drawn by lot among members.",
        ),
        "ru": ("Урны показали всем присутствующим и опечатали.", "Подготовка прошла спокойно."),
    },
    "cnt_comment": {
        "en": (
            "Ballots were shown one by one. We stood three metres from the table and could see most marks.",
            "The count was quick. The copy of the protocol was posted at the entrance.",
            "Figures were added up twice before the protocol was filled in.",
        ),
        "ru": (
            "Бюллетени показывали по одному, отметки были видны не всегда.",
            "Копию протокола вывесили у входа.",
        ),
    },
    "tab_tec_code": {"en": ("TEC-04", "TEC-11"), "ru": ("ТИК-04",)},
    "tab_mismatch_detail": {
        "en": ("Station copy and record differ by two in the number of invalid ballots.",),
        "ru": ("Копия и запись расходятся на два недействительных бюллетеня.",),
    },
    "tab_comment": {
        "en": (
            "Chairs waited in the corridor for their turn. The screen could be read from our seats.",
            "Protocols were checked at two desks; we left before the last stations arrived.",
        ),
        "ru": ("Председатели ждали в коридоре, экран был виден с наших мест.",),
    },
    "cpl_ref": {"en": ("No. 14/2021", "No. 3-112"), "ru": ("№ 27-2021",)},
    "cpl_summary": {
        "en": (
            "The filer states that posters of one list were taken down although the place had been paid for.",
            "The filer states that staff of a school were asked to attend a meeting during working hours.",
            "The filer states that accreditation of observers was refused because of the form of a letter.",
        ),
        "ru": (
            "Заявитель сообщает, что плакаты одной из партий сняты, хотя место оплачено.",
            "Заявитель сообщает, что в аккредитации наблюдателей отказали из-за формы письма.",
        ),
    },
    "cpl_remedy_sought": {
        "en": ("That the posters be put up again.", "That the refusal be reversed."),
        "ru": ("Отменить отказ.",),
    },
    "cpl_legal_note": {
        "en": ("Compare the time limit with the one the law gives.", "The decision cites no article."),
        "ru": ("В решении нет ссылки на статью закона.",),
    },
    "inc_headline": {
        "en": (
            "Two citizen observers were asked to leave a commission session this morning.",
            "Posters of one list were removed from three boards in the centre overnight.",
            "A news site could not be reached in the region for about an hour.",
        ),
        "ru": (
            "Двух гражданских наблюдателей попросили покинуть заседание комиссии.",
            "Ночью с трёх щитов в центре сняли плакаты одной из партий.",
        ),
    },
    "inc_facts": {
        "en": (
            "Seen by us: the place afterwards, calm. Told to us by one person: how it began. The reason is not known.",
            "Two persons gave the same account independently. The authority has not commented yet.",
        ),
        "ru": ("Мы видели место после случившегося. Со слов очевидца известно начало; причина неизвестна.",),
    },
    "inc_advice": {
        "en": ("Ask the commission for its account tomorrow.", "No action now; we will call again in the evening."),
        "ru": ("Завтра запросить объяснение комиссии.",),
    },
    "inc_media_url": {"en": ("https://example.org/news/1",), "ru": ("https://example.org/ru/1",)},
}
"""Sentences by question id."""
