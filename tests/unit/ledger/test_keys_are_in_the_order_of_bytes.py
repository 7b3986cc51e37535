"""Entries are found by the beginning of their key, whatever language a database sorts in.

In the order of English, `refund:…` comes after `refund;`, and a range between them would be
empty: refunds would count for nothing. The column itself has the order of bytes.
"""

from tests.support.gateway_process import Gateway
from tests.support.postgres_server import query


def test_the_column_has_the_order_of_bytes(postgres, cli, tmp_path):
    url = postgres.new_database()
    with Gateway(tmp_path / "home", cli, YIYUAN_DATABASE_URL=url) as gateway:
        gateway.cli("account", "list")
    sql = """SELECT collation_name FROM information_schema.columns
             WHERE table_name = 'entries' AND column_name = 'idem_key'"""
    assert [row["collation_name"] for row in query(url, sql)] == ["C"]
