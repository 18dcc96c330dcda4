"""The main job with a real Keycloak's tokens: people sign in with the authorization code flow and PKCE, machines with secrets.

The journeys are those of tests/e2e, with this folder's ``place``: the same steps, another issuer.
"""

from tests.e2e.test_main_job import (
    team,
    test_a_case_too_many_is_refused_until_the_manager_says_why_and_the_overload_is_one_alert,
    test_a_manager_sees_how_full_a_worker_is_and_why,
    test_a_newly_qualified_worker_is_due_weekly_then_fortnightly_and_only_whole_sessions_count,
    test_a_reporting_tool_follows_everything_and_learns_no_name,
    test_a_stream_that_broke_off_goes_on_without_a_gap_or_a_repeat,
    test_figures_of_a_team_and_of_its_authority_add_up,
    test_missed_supervision_is_an_alert_for_the_manager_until_it_is_back_on_track,
    test_nobody_gets_in_without_a_token_or_beyond_their_reach,
)

__all__ = [
    "team",
    "test_a_case_too_many_is_refused_until_the_manager_says_why_and_the_overload_is_one_alert",
    "test_a_manager_sees_how_full_a_worker_is_and_why",
    "test_a_newly_qualified_worker_is_due_weekly_then_fortnightly_and_only_whole_sessions_count",
    "test_a_reporting_tool_follows_everything_and_learns_no_name",
    "test_a_stream_that_broke_off_goes_on_without_a_gap_or_a_repeat",
    "test_figures_of_a_team_and_of_its_authority_add_up",
    "test_missed_supervision_is_an_alert_for_the_manager_until_it_is_back_on_track",
    "test_nobody_gets_in_without_a_token_or_beyond_their_reach",
]
