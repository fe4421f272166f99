"""The figures of a run as a table beside what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = tuple[str, list[str], str, str]


def rows_of(engines: Mapping[str, Mapping[str, Any]]) -> Iterable[Row]:
    """Yield name, a figure per engine in the mapping's order, what Steppe must reach and what it aims at."""

    def each(*path: str, unit: str = "") -> list[str]:
        return [f"{_at(figures, path)}{unit}" for figures in engines.values()]

    yield "push 50 × 4 clients, reports/s", each("push", "reports_per_s"), "≥ 2,200", "≥ 4,400"
    yield "  server CPU per report, ms", each("push", "server_cpu_ms"), "≤ 0.8", "≤ 0.4"
    yield "  PostgreSQL CPU per report, ms", each("push", "database_cpu_ms"), "", ""
    yield "  request p50 / p95, ms", _pair(engines, ("push",), "request_p50_ms", "request_p95_ms"), "", ""
    yield "one a request × 16 clients, reports/s", each("single", "reports_per_s"), "≥ 900", "≥ 1,250"
    yield "  server CPU per report, ms", each("single", "server_cpu_ms"), "≤ 2.0", "≤ 1.2"
    yield "  request p95, ms", each("single", "request_p95_ms"), "≤ 30", "≤ 20"
    yield "push with all stored, reports/s", each("push_when_full", "reports_per_s"), "−10 %", "−3 %"
    yield "  server CPU per report, ms", each("push_when_full", "server_cpu_ms"), "", ""
    yield "wire per report, bytes up + down", each("wire", "per_report"), "≤ 800", "≤ 600"
    yield "  up / down", _pair(engines, ("wire",), "up_per_report", "down_per_report"), "", ""
    yield "nothing to send, bytes", each("wire", "nothing_to_send"), "≤ 700", "≤ 400"
    for stored in next(iter(engines.values()))["summary"]:
        path = ("summary", stored)
        yield (
            f"region summary at {stored}: query p50 / p95, ms",
            _pair(engines, path, "query_p50_ms", "query_p95_ms"),
            "≤ 5",
            "",
        )
        yield "  page over HTTP p50 / p95, ms", _pair(engines, path, "page_p50_ms", "page_p95_ms"), "≤ 20", ""
        yield (
            "  all regions, query p50 / p95, ms",
            _pair(engines, path, "query_all_p50_ms", "query_all_p95_ms"),
            "≤ 50",
            "≤ 5",
        )
        yield "  all regions, page p50 / p95, ms", _pair(engines, path, "page_all_p50_ms", "page_all_p95_ms"), "", ""
    for stored in next(iter(engines.values()))["review"]:
        for step in ("list", "open", "accept", "ask"):
            figures = _pair(engines, ("review", stored), f"{step}_p50_ms", f"{step}_p95_ms")
            yield f"review at {stored}: {step} p50 / p95, ms", figures, "", ""
    yield "disk per report, bytes", each("disk_bytes_per_report"), "≤ 3,000", "≤ 2,000"
    yield "  PostgreSQL log per report, bytes", each("written_bytes_per_report", "log"), "≤ 4,000", "≤ 2,500"
    yield "server memory, peak MB", each("peak_megabytes"), "≤ 450", "≤ 300"


def _at(figures: Any, path: Iterable[str]) -> str:
    for key in path:
        figures = figures.get(key, "–") if isinstance(figures, Mapping) else "–"
    return f"{figures:,}" if isinstance(figures, int | float) else str(figures)


def _pair(engines: Mapping[str, Any], path: tuple[str, ...], first: str, second: str) -> list[str]:
    return [f"{_at(figures, (*path, first))} / {_at(figures, (*path, second))}" for figures in engines.values()]


def lines(engines: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    """Yield the table's lines."""
    table = [("", list(engines), "must", "aim"), *rows_of(engines)]
    flat = [[name, *figures, must, aim] for name, figures, must, aim in table]
    widths = [max(len(row[place]) for row in flat) for place in range(len(flat[0]))]
    for row in flat:
        name, *rest = (
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join([name, *rest]).rstrip()
