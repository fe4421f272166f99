"""Every text of the apps is shown somewhere, and what it claims is true in each state in which it can appear."""

from tests.house.files import ROOT
from tests.house.message_claims import (
    CLAIM,
    RAISED,
    catalogue,
    hidden_uses,
    read_claims,
    shown_from,
    sources,
    told_at,
    unproved,
)

PWA = ROOT / "pwa"
TEXTS = catalogue(PWA / "messages" / "en.json")
CODE = sources(PWA / "src")
SHOWN = shown_from(CODE)
LISTED = read_claims(PWA / "claims.json")


def test_every_text_is_shown_from_somewhere_and_by_its_own_name() -> None:
    assert [key for key in TEXTS if key not in SHOWN] == []
    assert hidden_uses(CODE) == []


def test_every_text_that_claims_something_is_listed_with_its_states() -> None:
    claiming = {key for key, text in TEXTS.items() if CLAIM.search(text)}
    assert sorted(claiming - set(LISTED.claims) - set(LISTED.no_claims)) == [], "list them in pwa/claims.json"
    assert sorted({*LISTED.claims, *LISTED.no_claims} - set(TEXTS)) == [], "listed, and not in the catalogue"
    assert sorted(set(LISTED.claims) & set(LISTED.no_claims)) == []
    assert [key for key, claim in LISTED.claims.items() if not claim["states"].strip()] == []


def test_a_listed_text_is_shown_from_where_the_list_says() -> None:
    # A screen more is a state more: whoever shows a claim anew looks at what it says there.
    assert {key: claim["shown"] for key, claim in LISTED.claims.items()} == {key: SHOWN[key] for key in LISTED.claims}


def test_a_claim_rests_on_a_test_that_exists_or_on_a_condition_in_words() -> None:
    assert {key: missing for key, claim in LISTED.claims.items() if (missing := unproved(claim, ROOT))} == {}


def test_a_failure_is_told_where_the_list_says_and_every_failure_somewhere() -> None:
    assert {place: listed["shown"] for place, listed in LISTED.places.items()} == told_at(CODE)
    raised = {slug for text in CODE.values() for slug in RAISED.findall(text)}
    told = {slug for listed in LISTED.places.values() for slug in listed["failures"]}
    assert sorted(raised - told - set(LISTED.untold)) == [], "say in pwa/claims.json at which place it can be told"
    assert sorted(set(LISTED.untold) & told | set(LISTED.untold) - raised) == [], "told, or raised nowhere"


def test_no_cause_of_a_failure_says_what_is_safe_for_that_depends_on_the_place() -> None:
    promises = ("lost", "is kept", "are kept", "by itself", "tries again", "safe", "saved", "still there")
    of_causes = [key for key in TEXTS if key.startswith("problem_")]
    assert [key for key in of_causes if any(word in TEXTS[key] for word in promises)] == []


def test_a_text_taken_by_a_name_put_together_is_seen() -> None:
    code = {"a.ts": "m[`desk_theme_${theme}`]()", "b.ts": "const texts = m;", "c.ts": "const go = m.next;"}
    assert hidden_uses(code) == ["a.ts", "b.ts"]
    assert shown_from(code) == {"next": ["c.ts"]}


def test_a_failure_told_without_its_place_is_seen() -> None:
    assert told_at({"a.ts": "problemText(slugOf(f))", "b.ts": 'problemText(slugOf(f), "save")'}) == {
        "nowhere": ["a.ts"],
        "save": ["b.ts"],
    }


def test_a_claim_on_a_test_that_is_gone_is_seen() -> None:
    here = "tests/house/test_message_claims.py"
    assert unproved({"holds": [f"{here}::test_no_such_rule", "soon"]}, ROOT) == [f"{here}::test_no_such_rule", "soon"]
    assert unproved({"holds": [f"{here}::test_a_claim_on_a_test_that_is_gone_is_seen"]}, ROOT) == []
    assert unproved({"holds": []}, ROOT) == ["nothing"]
