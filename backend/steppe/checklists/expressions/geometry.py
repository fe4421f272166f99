"""Distances and areas on the Earth, and lines on the map (ODK XForms: geopoint, geotrace, geoshape).

A sphere with the radius of the equator, as the other tools of the ODK family reckon; metres and square metres are
rounded to hundredths. `pwa/src/engine/functions/geometry.ts` is the twin.
"""

import math
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from steppe.checklists.expressions.arithmetic.maths import PI, arcsine, cosine, sine
from steppe.checklists.expressions.values import Value, nodes_of, number_of_text, tokens_of

_RADIUS: Final = 6_378_100.0


class Point(NamedTuple):
    """A place in degrees."""

    latitude: float
    longitude: float


Line: TypeAlias = list[Point]


def line_of(*values: Value) -> Line | None:
    """The points of geopoints, traces or shapes, one after the other; None when some part is no point."""
    texts = [part for value in values for node in nodes_of(value) for part in node.split(";")]
    line: Line = []
    for text in texts:
        numbers = [number_of_text(token, None) for token in tokens_of(text)]
        if not numbers:
            continue
        if len(numbers) < 2 or not (abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180):
            return None
        line.append(Point(numbers[0], numbers[1]))
    return line


def length(line: Line | None) -> float:
    """Metres along a line."""
    if line is None:
        return math.nan
    total = 0.0
    for one, other in pairwise(line):
        total += _between(one, other)
    return _hundredths(total)


def _between(one: Point, other: Point) -> float:
    """The great circle between two points by haversines, which do not lose near points."""
    up = sine(_radians(other.latitude - one.latitude) / 2)
    along = sine(_radians(other.longitude - one.longitude) / 2)
    square = up * up + cosine(_radians(one.latitude)) * cosine(_radians(other.latitude)) * along * along
    return 2 * _RADIUS * arcsine(math.sqrt(min(1.0, square)))


def area(line: Line | None) -> float:
    """Square metres inside a line; its last point need not repeat the first."""
    if line is None:
        return math.nan
    total = 0.0
    if len(line) > 2:
        for one, other in zip(line, [*line[1:], line[0]], strict=True):
            height = 2 + sine(_radians(one.latitude)) + sine(_radians(other.latitude))
            total += _radians(other.longitude - one.longitude) * height
    return _hundredths(abs(total * _RADIUS * _RADIUS / 2))


def _hundredths(number: float) -> float:
    return math.floor(number * 100 + 0.5) / 100


def _radians(degrees: float) -> float:
    return degrees * PI / 180


def encloses(shape: Line | None, place: Line | None) -> bool:
    """Whether one point lies inside a shape (even-odd rule); nothing lies in what is no shape."""
    if shape is None or place is None or len(shape) < 3 or len(place) != 1:
        return False
    latitude, longitude = place[0]
    inside = False
    for one, other in zip(shape, [*shape[1:], shape[0]], strict=True):
        if (one.latitude > latitude) != (other.latitude > latitude):
            share = (latitude - one.latitude) / (other.latitude - one.latitude)
            if longitude < one.longitude + share * (other.longitude - one.longitude):
                inside = not inside
    return inside


def crosses_itself(line: Line | None) -> bool:
    """Whether a line meets itself; the point where a shape closes does not count."""
    if line is None:
        return False
    parts = [(one, other) for one, other in pairwise(line) if one != other]
    return any(
        _touch(part, later, is_next=ahead == 0, is_closing=first == 0 and ahead == len(parts) - 2)
        for first, part in enumerate(parts)
        for ahead, later in enumerate(parts[first + 1 :])
    )


def _touch(part: tuple[Point, Point], later: tuple[Point, Point], *, is_next: bool, is_closing: bool) -> bool:
    """Whether two parts of a line meet other than where one goes on into the other."""
    (one, other), (third, fourth) = part, later
    if is_next:
        return _turns_back(one, other, fourth)
    return _turns_back(other, one, third) if is_closing and fourth == one else _meet(one, other, third, fourth)


def _turn(one: Point, other: Point, third: Point) -> float:
    east = (other.longitude - one.longitude) * (third.latitude - one.latitude)
    return east - (other.latitude - one.latitude) * (third.longitude - one.longitude)


def _turns_back(before: Point, shared: Point, after: Point) -> bool:
    """Whether a line in one direction turns back on itself."""
    up = (before.latitude - shared.latitude) * (after.latitude - shared.latitude)
    along = (before.longitude - shared.longitude) * (after.longitude - shared.longitude)
    return _turn(before, shared, after) == 0 and up + along > 0


def _meet(one: Point, other: Point, third: Point, fourth: Point) -> bool:
    ends = (_turn(one, other, third), _turn(one, other, fourth))
    others = (_turn(third, fourth, one), _turn(third, fourth, other))
    if 0 not in (*ends, *others):
        return (ends[0] > 0) != (ends[1] > 0) and (others[0] > 0) != (others[1] > 0)
    return (
        (ends[0] == 0 and _is_on(third, one, other))
        or (ends[1] == 0 and _is_on(fourth, one, other))
        or (others[0] == 0 and _is_on(one, third, fourth))
        or (others[1] == 0 and _is_on(other, third, fourth))
    )


def _is_on(point: Point, one: Point, other: Point) -> bool:
    return min(one.latitude, other.latitude) <= point.latitude <= max(one.latitude, other.latitude) and (
        min(one.longitude, other.longitude) <= point.longitude <= max(one.longitude, other.longitude)
    )
