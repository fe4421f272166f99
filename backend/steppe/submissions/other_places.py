"""Answers that name another district or region than the place answered beside them lies in: told, never corrected.

The phone says so at the question (`DraftPlaces.contradicted`); the finest place counts. Whoever reads the report sees
that its observer said both.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from steppe.checklists.definition import Definition
from steppe.submissions.place_index import FINEST, PlaceIndex, PlaceKind

OTHER_PLACE: Final = "other_place"
"""Kind of the flag that says: the finest place answered beside this one lies elsewhere."""


def other_places(
    definition: Definition, answers: Mapping[str, Any], changed: Iterable[str], places: PlaceIndex, before: Any
) -> list[dict[str, Any]]:
    """Return the flags of a report's districts and regions that another answer contradicts.

    Args:
        definition: the form.
        answers: all answers after the revision, by path.
        changed: paths of the answers that the revision changed. One that changes no place keeps the flags there were:
            what the mission's list says of a place is written down when it is answered.
        places: the mission's list.
        before: the flags of the submission before the revision; None for its first.
    """
    asked = _asked(definition)
    if before is not None and not any(path.rpartition("/")[2] in asked for path in changed):
        return [flag for flag in before if flag["kind"] == OTHER_PLACE]
    return other_place_flags(_contradicted(asked, answers, places))


def other_place_flags(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the flags of answers, given by their paths, that a finer place contradicts."""
    return [{"path": path, "question": path.rpartition("/")[2], "kind": OTHER_PLACE, "severity": 0} for path in paths]


def _contradicted(asked: Mapping[str, PlaceKind], answers: Mapping[str, Any], places: PlaceIndex) -> Iterator[str]:
    beside: defaultdict[str, list[tuple[PlaceKind, str, str]]] = defaultdict(list)
    for path, code in answers.items():
        row, _, question = path.rpartition("/")
        if question in asked and isinstance(code, str):
            beside[row].append((asked[question], path, code))
    for named in beside.values():
        named.sort(key=lambda each: FINEST.index(each[0]))
        for kind, path, code in named:
            areas = (places.area_of(finer, finer_code, kind) for finer, _, finer_code in named if finer != kind)
            if kind != FINEST[0] and next(filter(None, areas), code) != code:
                yield path


@lru_cache(maxsize=128)
def _asked(definition: Definition) -> Mapping[str, PlaceKind]:
    return {
        question.id: question.location for _, _, question in definition.questions() if question.location is not None
    }
