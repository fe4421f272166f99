"""Who may do what."""

from typing import get_args

from steppe.missions import teams
from steppe.people.policy import Role, may, readable_levels
from steppe.submissions.current import LEVELS

ROLES: tuple[Role, ...] = get_args(Role)


def test_the_policy_and_the_table_know_the_same_roles() -> None:
    assert teams.ROLES == ROLES


def test_admins_run_the_system_and_read_no_answers() -> None:
    assert may("admin", "administer")
    assert not may("admin", "read_reports")
    assert readable_levels("admin") == ()


def test_sealed_material_is_for_the_head_of_mission_alone() -> None:
    readers = [role for role in ROLES if "sealed" in readable_levels(role)]
    assert readers == ["head"]


def test_every_level_a_role_reads_is_a_level() -> None:
    for role in ROLES:
        assert set(readable_levels(role)) <= set(LEVELS)


def test_whoever_reads_no_level_may_not_read_reports() -> None:
    for role in ROLES:
        assert may(role, "read_reports") == bool(readable_levels(role))
