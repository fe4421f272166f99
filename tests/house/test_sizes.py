from tests.house.files import ROOT, own_code

LONGEST = 300
LONGEST_SVELTE = 200

# A file may be longer when it is one subject that would read worse in two. Say which.
LONG_FOR_A_REASON: dict[str, str] = {}


def limit(name: str) -> int:
    return LONGEST_SVELTE if name.endswith(".svelte") else LONGEST


def test_a_file_is_one_subject_and_no_longer_than_a_reader_can_hold() -> None:
    # A migration is one step, however long, and is read once.
    files = [path for path in own_code() if path.parts[0] != "migrations"]
    lines = {str(path): len((ROOT / path).read_text().splitlines()) for path in files}
    long = {name: count for name, count in lines.items() if count > limit(name)}
    assert {name: count for name, count in long.items() if name not in LONG_FOR_A_REASON} == {}
    assert set(LONG_FOR_A_REASON) - set(long) == set(), "these need no exception any more"
