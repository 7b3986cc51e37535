"""The cases that a move has to stand, each with the tests that show it, by their names."""

import ast
from functools import cache

import pytest

from tests.project.tidy.tree import ROOT

UNIT, SYSTEM = "tests/unit/services/imports", "tests/system/moving_in"
IMPORTERS, DOORS = "tests/unit/integrations/importers", "tests/unit/store/foreign"
MOVE, SHOPS = f"{UNIT}/test_moving_in.py", f"{SYSTEM}/test_real_shops.py"
CHOSEN, SERVERS = f"{UNIT}/test_what_was_chosen.py", f"{UNIT}/test_from_servers.py"
POSTGRES = f"{UNIT}/test_on_postgresql.py"
COSTS, CUT = f"{UNIT}/test_how_much_it_takes.py", f"{SYSTEM}/test_cut_over.py"
OVER_API = f"{SYSTEM}/test_over_the_api.py"
REAL, CHANNELS = f"{IMPORTERS}/test_real_databases.py", f"{IMPORTERS}/test_channels.py"
PRICES, KEYS = f"{IMPORTERS}/test_prices.py", f"{IMPORTERS}/test_tokens_and_groups.py"
AMOUNTS, LITELLM = f"{IMPORTERS}/test_amounts.py", f"{IMPORTERS}/test_litellm.py"

CASES = {
    "1 a real file: four acts, old password, old key, old price": (
        (SHOPS, "test_seven_equalities_hold"),
        (SHOPS, "test_the_first_sign_in_replaces_the_old_hash"),
        (SHOPS, "test_every_probe_costs_here_what_it_cost_there_to_one_unit"),
    ),
    "2 the same from PostgreSQL and MariaDB, into SQLite and PostgreSQL": (
        (SERVERS, "test_from_postgresql"),
        (SERVERS, "test_from_mariadb"),
        (POSTGRES, "test_a_whole_move_into_postgresql"),
    ),
    "3 take twice, take after one unit more": (
        (MOVE, "test_taking_twice_changes_nothing"),
        (MOVE, "test_a_later_take_books_the_difference_alone"),
    ),
    "4 killed at twenty places": (
        ("tests/faults/test_a_take_is_killed.py", "test_killed_at_twenty_places_and_taken_again"),
    ),
    "5 spent and paid here between two takes": (
        (MOVE, "test_what_is_spent_and_paid_here_meanwhile_is_not_touched"),
    ),
    "6 less there than is left here": (
        (MOVE, "test_more_than_is_left_is_taken_as_far_as_it_goes_and_the_rest_is_listed"),
        (CHOSEN, "test_a_debt_is_paid_by_the_next_credit_and_never_twice"),
    ),
    "7 rates and units, over 100,000 users": (
        (AMOUNTS, "test_the_sums_of_a_hundred_thousand_users_hold"),
        (MOVE, "test_all_rates_check_green"),
    ),
    "8 root, negative and large quotas": (
        (MOVE, "test_roots_balance_comes_along_when_asked_for"),
        (MOVE, "test_a_negative_quota_is_nothing_here"),
        (REAL, "test_positive_and_negative_money_add_up_to_what_the_program_said"),
    ),
    "9 locked until open": (
        (SHOPS, "test_before_the_opening_a_key_is_refused_and_a_person_can_look"),
        (MOVE, "test_open_unlocks_those_that_wait_and_no_others"),
    ),
    "10 odd names, one e-mail twice, name clashes": (
        (MOVE, "test_names_that_are_taken_get_a_number_and_odd_ones_are_made_to_fit"),
        (MOVE, "test_the_first_of_two_with_one_e_mail_keeps_it"),
        (SHOPS, "test_everybody_signs_in_by_the_old_name_and_password"),
    ),
    "11 forms of keys; what wrong ones cost": (
        (SHOPS, "test_the_key_works_in_each_form_that_clients_send"),
        (SHOPS, "test_a_channel_behind_the_key_is_read_over"),
        (COSTS, "test_a_wrong_key_costs_one_look_up_more_and_a_right_one_none"),
    ),
    "12 LiteLLM's hashes, rotated and blocked keys": (
        (POSTGRES, "test_a_litellm_key_gets_our_hash_at_its_first_use"),
        (LITELLM, "test_a_rotated_key_works_until_its_end_and_names_its_successor"),
        (LITELLM, "test_limits_of_a_key"),
    ),
    "13 limits of keys": (
        (KEYS, "test_a_key_is_never_wider_than_it_was"),
        (SHOPS, "test_models_of_a_key_are_exactly_the_names_that_it_had"),
    ),
    "14 what was deleted stays out, who was off stays off": (
        (KEYS, "test_keys_of_deleted_people_and_deleted_keys_stay_out"),
        (SHOPS, "test_whoever_is_deleted_there_is_not_here"),
        (SHOPS, "test_after_the_opening_every_living_account_is_open_but_those_that_were_off"),
    ),
    "15 several keys of a channel": (
        (CHANNELS, "test_rows_that_differ_in_the_key_alone_are_one_channel_of_their_shares"),
        (CHANNELS, "test_several_keys_in_one_row_by_line_or_as_json_less_those_that_were_off"),
    ),
    "16 chains, circles and strays of names": (
        (CHANNELS, "test_a_chain_is_followed_to_its_end_and_a_circle_is_left_out"),
        (CHANNELS, "test_a_mapping_of_what_is_not_offered_is_listed"),
        (REAL, "test_a_chain_of_names_is_followed_only_where_the_program_did"),
    ),
    "17 types of channels, and whose address wins": (
        (CHANNELS, "test_each_type_lands_where_the_table_says"),
        (CHANNELS, "test_the_address_wins_where_it_contradicts_the_number"),
    ),
    "18 prices": (
        (PRICES, "test_a_ratio_is_units_per_token_and_output_follows_the_completion_ratio"),
        (PRICES, "test_the_longest_wild_card_that_fits_is_taken"),
        (PRICES, "test_one_api_prefers_the_price_of_the_channels_type"),
        (PRICES, "test_a_price_per_call_beats_a_ratio"),
        (PRICES, "test_expressions_that_have_a_form_here"),
        (REAL, "test_every_charged_model_and_group_costs_the_same"),
    ),
    "19 groups": (
        (KEYS, "test_a_special_factor_is_a_group_of_its_own"),
        (KEYS, "test_the_automatic_group_becomes_its_first_and_is_listed"),
        (REAL, "test_every_probe_costs_what_the_program_charged"),
    ),
    "20 wrong program, no database, half a copy, no rights, a writer meanwhile": (
        (MOVE, "test_a_wrong_kind_is_refused_and_told_what_it_is"),
        (f"{DOORS}/test_sqlite.py", "test_a_file_that_is_no_database_is_refused"),
        (
            f"{DOORS}/test_sqlite.py",
            "test_a_file_that_was_copied_in_the_middle_of_a_write_is_refused",
        ),
        (
            f"{DOORS}/test_sqlite.py",
            "test_a_writer_of_the_old_program_neither_waits_nor_is_seen_in_half",
        ),
        (f"{DOORS}/test_servers.py", "test_a_user_without_rights_is_told_so_without_the_password"),
        (f"{DOORS}/test_servers.py", "test_what_is_read_is_of_one_moment"),
    ),
    "21 with and without --live; wrong token, HTML, private addresses": (
        (CUT, "test_live_asks_the_running_gateway_and_tells_what_goes_wrong"),
        (OVER_API, "test_a_private_address_needs_consent"),
    ),
    "22 links and authenticators": (
        (CHOSEN, "test_identities_are_linked_only_to_services_that_are_the_same"),
        (REAL, "test_nobody_is_linked_by_a_name_that_can_change_hands"),
        (SHOPS, "test_the_authenticator_of_new_api_2026_goes_on"),
    ),
    "23 redemption codes": (
        (SHOPS, "test_unused_codes_are_redeemed_once"),
        (MOVE, "test_codes_work_once_the_shop_is_open_and_once"),
    ),
    "24 secrets": (
        (MOVE, "test_nothing_that_is_told_or_kept_shows_a_secret"),
        (SHOPS, "test_no_secret_of_the_old_shop_is_shown_or_stands_in_clear"),
        (REAL, "test_no_note_and_no_text_of_a_record_shows_a_key_or_a_hash"),
    ),
    "25 a large shop, its memory, and requests meanwhile": (
        (COSTS, "test_a_tenth_of_a_large_shop_and_again"),
        (CUT, "test_requests_keep_their_rate_while_a_take_runs"),
    ),
    "26 the switch under load": (
        (CUT, "test_switched_under_load_nothing_is_charged_twice_and_nothing_lost"),
    ),
    "27 back out": (
        (CUT, "test_back_out_before_the_opening_leaves_the_old_one_as_it_was"),
        (MOVE, "test_forget_takes_back_what_nobody_touched"),
        (CHOSEN, "test_the_way_back_is_told_for_those_whose_money_changed"),
    ),
}


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions))


def test_no_case_is_left_out():
    assert [int(case.partition(" ")[0]) for case in CASES] == list(range(1, 28))


@pytest.mark.parametrize("case", CASES)
def test_its_tests_are_there(case):
    assert [name for path, name in CASES[case] if name not in names_in(path)] == []
