"""Two nodes with two workers each, one database: exact balances, one view of metrics."""

import concurrent.futures

from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.waiting import wait_for

KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
SERVED = 40


def test_a_balance_for_forty_requests_serves_forty(postgres, upstream, cli, tmp_path):
    environment = {
        "YIYUAN_DATABASE_URL": postgres.new_database(),
        "YIYUAN_SECRET_KEY": KEY,
    }
    with (
        Gateway(tmp_path / "one", cli, **environment) as one,
        Gateway(tmp_path / "two", cli, **environment) as two,
    ):
        one.apply(main_catalog(upstream))
        one.start("--workers", "2")
        two.start("--workers", "2")
        customer = one.customer(10**9)
        script = upstream.script({"input_tokens": 10, "output_tokens": 5})
        body = CHAT.body("gpt-4", script.mark, 5)
        assert customer.post(CHAT.path, body).status == 200
        charge = customer.spent
        account = one.cli("account", "show", customer.id)
        surplus = account["balance"] - SERVED * charge
        one.cli("account", "debit", customer.id, str(surplus), "--reason", "test")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            nodes = [customer, type(customer)(two, customer.id, "", customer.key, "")]
            answers = list(
                pool.map(lambda n: nodes[n % 2].post(CHAT.path, body).status, range(400))
            )
        assert set(answers) <= {200, 402}
        # A hold is more than a charge: the last few are refused though a charge would fit.
        assert answers.count(200) <= SERVED
        assert customer.balance == (SERVED - answers.count(200)) * charge
        for node in (one, two):
            lines = node.metrics().splitlines()
            served = [line for line in lines if line.startswith("yiyuan_requests_total")]
            assert served
        total = sum(
            float(line.split()[-1])
            for node in (one, two)
            for line in node.metrics().splitlines()
            if line.startswith("yiyuan_requests_total") and 'status="200"' in line
        )
        assert total == answers.count(200) + 1
        token = customer.another_token()
        wait_for(lambda: token.get("/v1/models").status == 200, timeout=1.5)
        one.cli("token", "revoke", token.token_id)
        elsewhere = type(customer)(two, token.id, "", token.key, "")
        wait_for(lambda: elsewhere.get("/v1/models").status == 401, timeout=1.5)
        one.settle_down()
        assert one.stop() == 0
        assert two.stop() == 0
