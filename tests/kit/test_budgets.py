"""How often strangers may ask, in memory that does not grow."""

import pytest

from steppe.kit.budgets import MINUTE, Budget, address_key, longest_wait


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def asks(budget: Budget, key: str) -> int:
    """Ask until refused; returns how often it was allowed."""
    count = 0
    while not budget.wait(key):
        budget.spend(key)
        count += 1
    return count


@pytest.mark.parametrize("limit", [1, 3, 7, 10, 20, 60])
def test_a_key_has_its_number_of_asks_and_then_one_for_each_share_of_a_minute(limit: int) -> None:
    clock = Clock()
    budget = Budget(limit, clock=clock)
    assert asks(budget, "a") == limit
    assert budget.wait("a") == pytest.approx(MINUTE / limit)
    clock.seconds += budget.wait("a")
    assert asks(budget, "a") == 1
    clock.seconds += MINUTE
    assert asks(budget, "a") == limit


def test_keys_do_not_use_up_each_others_asks() -> None:
    budget = Budget(2, clock=Clock())
    assert [asks(budget, key) for key in "abc"] == [2, 2, 2]


def test_what_is_given_back_may_be_asked_again() -> None:
    budget = Budget(2, clock=Clock())
    asks(budget, "a")
    budget.give_back("a")
    budget.give_back("never asked")
    assert asks(budget, "a") == 1
    assert len(budget) == 1


def test_a_hundred_thousand_keys_take_no_more_memory_than_the_budget_has() -> None:
    clock = Clock()
    budget = Budget(5, most_keys=500, clock=clock)
    for number in range(100_000):
        budget.spend(f"name-{number}")
        assert len(budget) <= 500
    clock.seconds += MINUTE + 1
    assert len(budget) == 0


def test_the_wait_is_that_of_the_budget_that_allows_last() -> None:
    clock = Clock()
    often, seldom = Budget(60, clock=clock), Budget(2, clock=clock)
    assert longest_wait([(often, "a"), (seldom, "a")]) == 0
    asks(seldom, "a")
    assert longest_wait([(often, "a"), (seldom, "a")]) == 30


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_as_the_household_it_belongs_to(host: str, key: str) -> None:
    assert address_key(host) == key
