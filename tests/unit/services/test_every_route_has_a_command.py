"""What the console can do, `yiyuan` can do: each route of its API has a command, or a reason."""

import pytest

from tests.project.tidy.tree import ROOT, files
from yiyuan.api.console.registry import ROUTES
from yiyuan.services.commands import COMMANDS

ACCOUNT, OPERATOR = "/api/accounts/{account}", "/api/operator"
OWN = "somebody's own: it needs their password or their session"
DOOR = "the way in of a browser, which gets a session by it"
FORM = "what a form of the console is filled with"
ADDED_UP = "adds up for a page what the commands beside it list"

COVERED = {
    f"{ACCOUNT}/invitations": "invitation.list invitation.end",
    f"{ACCOUNT}/invite": "account.invite",
    f"{ACCOUNT}/invoice": "ledger.invoice",
    f"{ACCOUNT}/logs": "requests.list requests.show",
    f"{ACCOUNT}/logs.csv": "requests.list",
    f"{ACCOUNT}/members": "member.list member.role member.remove",
    f"{ACCOUNT}/members/{{user}}/budgets": "member.budget",
    f"{ACCOUNT}/models": "model.list limits.show",
    f"{ACCOUNT}/notices": "notices.list notices.add notices.change notices.remove notices.test"
    " notices.secret notices.log notices.threshold",
    f"{ACCOUNT}/orders": "payments.order payments.list payments.show payments.check"
    " payments.cancel",
    f"{ACCOUNT}/orders.csv": "payments.list",
    f"{ACCOUNT}/statement": "ledger.statement_page",
    f"{ACCOUNT}/statement.csv": "ledger.statement_page",
    f"{ACCOUNT}/tokens": "token.list token.create token.set token.revoke token.rotate"
    " token.enable token.disable",
    f"{ACCOUNT}/usage": "usage.by_day",
    f"{ACCOUNT}/usage.csv": "usage.by_day",
    "/api/notices": "notices.kinds",
    f"{OPERATOR}/accounts": "account.list account.create account.show account.note account.rename"
    " account.groups account.credit account.debit account.release account.resume"
    " account.suspend",
    f"{OPERATOR}/audit": "audit.list",
    f"{OPERATOR}/audit.csv": "audit.list",
    f"{OPERATOR}/channels": "channel.list catalog.apply channel.remove channel.rename"
    " channel.check",
    f"{OPERATOR}/channels/{{channel}}/keys": "channel.key_add channel.key_drain"
    " channel.key_expire channel.key_remove",
    f"{OPERATOR}/channels-history": "channel.history",
    f"{OPERATOR}/codes": "codes.list codes.create codes.show codes.revoke",
    f"{OPERATOR}/imports": "import.look import.take import.check import.open import.status"
    " import.forget import.return",
    f"{OPERATOR}/incidents": "incident.list incident.create incident.update incident.remove",
    f"{OPERATOR}/ledger/verify": "ledger.verify",
    f"{OPERATOR}/limits": "limits.show",
    f"{OPERATOR}/mail/test": "settings.test_mail",
    f"{OPERATOR}/management-keys": "operator.key_list operator.key_create operator.key_revoke",
    f"{OPERATOR}/models": "model.list catalog.apply model.prices",
    f"{OPERATOR}/notices": "notices.list notices.add notices.change notices.remove notices.test"
    " notices.secret notices.log",
    f"{OPERATOR}/operators": "operator.list operator.role operator.link person.reset"
    " invitation.list invitation.end",
    f"{OPERATOR}/payment-methods": "payments.method.list payments.method.put"
    " payments.method.check payments.method.enable payments.method.disable",
    f"{OPERATOR}/payments/days": "payments.days.list payments.compare",
    f"{OPERATOR}/payments/invoices": "payments.invoices payments.invoice_done",
    f"{OPERATOR}/payments/orders": "payments.list payments.show payments.check payments.credit"
    " payments.dismiss payments.refund",
    f"{OPERATOR}/payments/orders.csv": "payments.list",
    f"{OPERATOR}/payments/refunds": "payments.resolve",
    f"{OPERATOR}/payments/unmatched": "payments.unmatched.list",
    f"{OPERATOR}/people": "person.list person.show",
    f"{OPERATOR}/refunds": "ledger.refund",
    f"{OPERATOR}/requests": "requests.list requests.show",
    f"{OPERATOR}/requests.csv": "requests.list",
    f"{OPERATOR}/settings": "settings.list settings.set settings.get",
    f"{OPERATOR}/sign-in-services": "identity.list identity.add identity.enable identity.disable",
    f"{OPERATOR}/sign-up-codes": "sign_up_codes.list sign_up_codes.create sign_up_codes.end",
    f"{OPERATOR}/tiers": "catalog.export catalog.apply",
}
"""Path, or its beginning before a slash → the commands that do the same."""

PROVES = "a mailbox proves itself to its customer; at the machine's word none needs to"

REASONS = {
    f"{ACCOUNT}/earlier-orders": "history of a move: `import status`, and the old database itself",
    f"{ACCOUNT}/notices/sinks/{{sink}}/code": PROVES,
    f"{ACCOUNT}/notices/sinks/{{sink}}/confirm": PROVES,
    f"{ACCOUNT}/orders/{{order}}/invoice": "its customer's wish, with their tax number",
    f"{ACCOUNT}/orders/{{order}}/receipt": "a page to print",
    f"{ACCOUNT}/overview": ADDED_UP,
    f"{ACCOUNT}/playground-key": "the console's own key, which no script should use",
    f"{ACCOUNT}/redeem": "the customer's own; an operator credits by `account credit`",
    f"{ACCOUNT}/top-up": FORM,
    "/api/email": DOOR,
    "/api/join": DOOR,
    "/api/links": DOOR,
    "/api/me": OWN,
    f"{OPERATOR}/channels/list-models": FORM,
    f"{OPERATOR}/home": ADDED_UP,
    f"{OPERATOR}/ledger": ADDED_UP,
    f"{OPERATOR}/ledger.csv": "all entries as a file: `ledger statement --csv` has an account's",
    f"{OPERATOR}/local-servers": FORM,
    f"{OPERATOR}/mail": ADDED_UP,
    f"{OPERATOR}/payment-kinds": FORM,
    f"{OPERATOR}/payments/summary": ADDED_UP,
    f"{OPERATOR}/sign-in-presets": FORM,
    f"{OPERATOR}/sign-in-services/{{service}}/check": (
        "leads the running server through the service's own pages"
    ),
    f"{OPERATOR}/vendors": FORM,
    "/api/reset": DOOR,
    "/api/search": "finds what `list` and `show` of each noun find by name",
    "/api/session": DOOR,
    "/api/setup": DOOR,
    "/api/sign-in": DOOR,
    "/api/sign-up": DOOR,
    "/api/site": DOOR,
}


SAME = {
    "adjust": "credit",
    "deliveries": "log",
    "done": "invoice_done",
    "invite": "link",
    "keys": "key_add",
    "links": "invitation",
    "sinks": "notices",
    "test": "check",
}
"""Words of a path that a command says otherwise."""


def nearest(path: str, table: dict[str, str]) -> str:
    """The longest key of a table that a path is, or lies below; empty without one."""
    fitting = (each for each in table if path == each or path.startswith(f"{each}/"))
    return max(fitting, key=len, default="")


def verbs_of(key: str) -> set[str]:
    """All words of the commands that stand for a path."""
    return {
        word for name in COVERED[key].split() for word in (*name.split("."), name.partition(".")[2])
    }


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_route_has_a_command_or_a_reason(path):
    key = nearest(path, COVERED | REASONS)
    assert key, "give it a command, or say why it has none"
    if key in COVERED:
        below = [part for part in path.removeprefix(key).split("/") if part and part[0] != "{"]
        verbs = verbs_of(key)
        unsaid = [part for part in below if not {part, SAME.get(part)} & verbs]
        assert unsaid == [], "no command of its path does that"


def test_the_tables_name_what_there_is():
    paths = {route.path for route in ROUTES}
    idle = [
        each
        for each in COVERED | REASONS
        if not any(path == each or path.startswith(f"{each}/") for path in paths)
    ]
    assert idle == []
    named = {command for commands in COVERED.values() for command in commands.split()}
    assert named - set(COMMANDS) == set()
    assert COVERED.keys() & REASONS.keys() == set()


def test_every_command_is_called_by_the_command_line():
    said = "".join(
        (ROOT / path).read_text("utf-8") for path in files(".py", under="src/yiyuan/cli/")
    )
    assert [name for name in COMMANDS if f'"{name}"' not in said] == []
