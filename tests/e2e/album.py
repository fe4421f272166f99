"""A checklist that asks for nothing but photos, as many as a report may have."""

from pathlib import Path

TITLE = "Album"
MOST = 20

ALBUM = f"""
| survey |
| | type | name | label::English (en) | label::Russian (ru) |
| | begin_group | book | Book | Книга |
| | begin_repeat | page | Page | Страница |
| | image | shot | Photo of the page | Фото страницы |
| | end_repeat | | | |
| | end_group | | | |

| settings |
| | form_title | form_id | version | default_language | kind | form_title::Russian (ru) |
| | {TITLE} | album | 1 | English (en) | other | Альбом |
"""


def write_album(folder: Path) -> Path:
    """Write the checklist as a spreadsheet of Markdown tables; returns its path."""
    path = folder / "album.md"
    path.write_text(ALBUM)
    return path
