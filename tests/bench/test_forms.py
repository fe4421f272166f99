from pathlib import Path

import pytest

from steppe.checklists.xlsform.compiler import compile_checklist
from tests.bench import forms


@pytest.mark.parametrize(("text", "questions"), [(forms.mixed(200), 200), (forms.hanging(300), 301)])
def test_the_measured_forms_publish_and_are_as_long_as_they_say(text: str, questions: int, tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(text)
    assert len(list(compile_checklist(path).questions())) == questions


def test_all_expressions_hang_on_the_one_number(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(forms.hanging(300))
    assert len(compile_checklist(path).dependants["q"]) == 300


def test_the_same_seed_gives_the_same_form() -> None:
    assert forms.mixed(50, 3) == forms.mixed(50, 3) != forms.mixed(50, 4)
