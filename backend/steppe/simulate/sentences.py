"""Invented sentences in an observer's voice: nobody is named, nothing is counted in percentages."""

from __future__ import annotations

from typing import Final

from steppe.simulate.scene import Language

Sentences = dict[Language, tuple[str, ...]]

STATEMENTS: Final[dict[str, Sentences]] = {
    "adm": {
        "en": (
            "The chair stated that members were trained twice and that all material had arrived.",
            "The secretary said that sessions are announced on the board and open to observers.",
            "The commission stated that it works in both languages and has enough protective equipment.",
        ),
        "ru": (
            "Председатель заявил, что члены комиссии дважды прошли обучение.",
            "Секретарь сообщила, что заседания открыты, объявления вывешивают на доске.",
        ),
    },
    "vreg": {
        "en": (
            "The interlocutor said that lists can be checked at the station and that few people came to do so.",
            "The akimat stated that data come from the address register and are corrected daily.",
        ),
        "ru": ("Акимат заявил, что списки уточняются ежедневно по адресному регистру.",),
    },
    "camp": {
        "en": (
            "The party described a quiet campaign with small meetings because of health rules.",
            "The interlocutor stated that places for posters are shared equally between lists.",
            "The interlocutor said that most contact with voters takes place on social networks.",
        ),
        "ru": (
            "Собеседник отметил, что кампания идёт спокойно, встречи небольшие из-за санитарных правил.",
            "По словам собеседника, места для плакатов распределены поровну.",
        ),
    },
    "med": {
        "en": (
            "The editor stated that paid time is offered to all lists at the same price.",
            "The journalist said that local stations mostly report on official events.",
        ),
        "ru": ("Редактор сообщил, что платное время предлагают всем партиям на равных условиях.",),
    },
    "cmp": {
        "en": (
            "The court stated that no election case had been filed so far.",
            "The interlocutor said that complaints are answered within the time the law gives.",
        ),
        "ru": ("Собеседник сообщил, что жалоб пока не поступало.",),
    },
    "wom": {
        "en": ("The organisation said that women lead many commissions but stand low on some lists.",),
        "ru": ("Организация отметила, что женщин много среди председателей комиссий.",),
    },
    "obs": {
        "en": (
            "The group stated that its observers were accredited and received training online.",
            "The interlocutor said that new requirements for accreditation were explained late.",
        ),
        "ru": ("Группа сообщила, что её наблюдатели аккредитованы и обучены.",),
    },
}

ANY_STATEMENT: Final[Sentences] = {
    "en": (
        "The interlocutor stated that preparations follow the calendar and that no difficulty is expected.",
        "The interlocutor said that this question is discussed in the region, without tension.",
        "The interlocutor preferred to comment on this in general terms.",
    ),
    "ru": (
        "Собеседник заявил, что подготовка идёт по графику и трудностей не ожидается.",
        "Собеседник высказался по этому вопросу в общих чертах.",
    ),
}

ALLEGATIONS: Final[Sentences] = {
    "en": (
        "Employees were said to have been told by their manager to report when they had voted. No document was shown.",
        "Posters of one list were said to have been removed overnight. The interlocutor showed photographs.",
        "A hall was said to have been refused for a meeting with voters shortly before the date.",
    ),
    "ru": (
        "Со слов собеседника, сотрудников просили сообщить руководству, когда они проголосуют.",
        "Сообщалось, что в зале для встречи с избирателями отказали накануне.",
    ),
}

COMMENTS: Final[Sentences] = {
    "en": (
        "Voting was calm. Members knew their tasks and answered our questions.",
        "A short queue formed at noon because temperature was measured at the door.",
        "The room is small; two booths stood close to the entrance.",
        "Proxies of several parties were present and sat with a clear view of the boxes.",
        "The copy of the list was posted at the entrance. A ramp was missing.",
    ),
    "ru": (
        "Голосование шло спокойно, комиссия отвечала на вопросы.",
        "В полдень у входа образовалась небольшая очередь из-за измерения температуры.",
        "Помещение тесное, две кабины стоят близко ко входу.",
    ),
}

ASSESSMENTS: Final[Sentences] = {
    "en": (
        "The talk was open and the answers agree with what we heard elsewhere.",
        "Answers were short. We will compare them with the minutes of the next session.",
        "The institution appears well prepared; information for voters is easy to find.",
    ),
    "ru": (
        "Беседа была открытой, ответы совпадают с тем, что мы слышали раньше.",
        "Ответы краткие; сравним их с протоколом следующего заседания.",
    ),
}

REMARKS: Final[Sentences] = {
    "en": ("As described to us on the spot.", "See the answers above.", "To be followed up next week."),
    "ru": ("Со слов присутствовавших.", "Уточним на следующей неделе."),
}

INSTITUTIONS: Final[dict[str, Sentences]] = {
    "election_commission": {
        "en": ("Territorial election commission", "Precinct election commission"),
        "ru": ("Территориальная избирательная комиссия",),
    },
    "executive_akimat": {"en": ("Akimat of the district", "Akimat of the city"), "ru": ("Акимат района",)},
    "political_party": {
        "en": ("Regional branch of a party", "City branch of a party"),
        "ru": ("Областной филиал партии",),
    },
    "civil_society": {"en": ("Local association for voter education",), "ru": ("Общественное объединение",)},
    "citizen_observer_group": {"en": ("Regional citizen observer group",), "ru": ("Группа наблюдателей",)},
    "media": {"en": ("Regional newspaper", "Local television channel"), "ru": ("Областная газета",)},
    "court": {"en": ("Specialised inter-district court",), "ru": ("Межрайонный суд",)},
    "maslikhat": {"en": ("Regional council",), "ru": ("Областной маслихат",)},
}
ANY_INSTITUTION: Final[Sentences] = {"en": ("Local institution", "Regional office"), "ru": ("Местное учреждение",)}

SHORT: Final[dict[str, Sentences]] = {
    "mtg_function": {
        "en": ("Chairperson", "Deputy head", "Secretary", "Head of section"),
        "ru": ("Заместитель руководителя",),
    },
    "mtg_source_refs": {"en": ("S-014", "S-021, S-022", "S-007"), "ru": ("S-014",)},
    "conf_reason": {
        "en": ("A small institution could be recognised.", "The speaker asked not to be quoted."),
        "ru": ("Собеседник просил не ссылаться на него.",),
    },
    "dissent_note": {
        "en": ("One of us would rate transparency one step lower.",),
        "ru": ("Один из нас оценивает прозрачность ниже.",),
    },
    "mtg_a_period": {"en": ("Last week", "First days of January", "Since mid-December"), "ru": ("На прошлой неделе",)},
    "mtg_followup_owner": {"en": ("Observer A", "Observer B", "Co-ordinator"), "ru": ("Наблюдатель A",)},
    "vot_observers_expelled_why": {
        "en": ("Said to stand too close to the table of the commission.",),
        "ru": ("Назвали причиной место рядом со столом комиссии.",),
    },
}

REPLIES: Final = (
    "Yes, in every commission we have visited so far.",
    "Not yet: the commission told us that it will be done by the end of the week.",
    "Partly. In two places it was done, in one nobody could say.",
)
"""What a team answers to headquarters, whatever it was asked."""
