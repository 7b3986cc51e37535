"""What is translated on the way to PostgreSQL: places, types, URLs."""

from yiyuan.store.postgres.batch import _statement
from yiyuan.store.postgres.migrate import migrations
from yiyuan.store.postgres.placeholders import numbered
from yiyuan.store.postgres.url import connect_options, without_password


def test_places_are_numbered_and_texts_are_left_alone():
    assert numbered("SELECT ? + ?, '?', 'it''s ?', ?") == "SELECT $1 + $2, '?', 'it''s ?', $3"


def test_integers_have_64_bits_and_texts_the_order_of_bytes():
    script = migrations()[0][1]
    assert "INTEGER" not in script
    assert "posted        BIGINT NOT NULL" in script
    assert 'name          TEXT COLLATE "C" NOT NULL UNIQUE' in script
    assert "BYTEA NOT NULL UNIQUE" in script


def test_our_own_option_of_a_url_is_taken_out():
    options = connect_options("postgresql://u:p@h:1/d?sslmode=require&statement_cache_size=0")
    assert options["statement_cache_size"] == 0
    assert options["dsn"] == "postgresql://u:p@h:1/d?sslmode=require&application_name=yiyuan"
    assert without_password("postgresql://u:p@h:1/d") == "postgresql://u:***@h:1/d"


def test_a_batch_is_one_statement():
    sql = _statement(("accounts", "holds", "ended"))
    assert sql.startswith("WITH put_accounts AS (INSERT INTO accounts")
    assert "$25::text[]" in sql
    assert sql.endswith("SELECT (SELECT count(*) FROM ended)")
