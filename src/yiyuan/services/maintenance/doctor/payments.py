"""What `yiyuan doctor` says of payment methods: whether what credits orders is proven."""

import json

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.epay.wire import is_plain
from yiyuan.services.maintenance.doctor.check import Check
from yiyuan.store.database import Connection


def check_payment_methods(connection: Connection) -> Check:
    """Unsigned answers that come over the open network without TLS prove nothing."""
    sql = """SELECT name, kind, fields FROM payment_methods WHERE enabled = 1 ORDER BY name"""
    rows = connection.execute(sql, ()).fetchall()
    plain = [
        str(name)
        for name, kind, fields in rows
        if kind == "epay_md5" and is_plain(json.loads(fields).get("base_url", ""))
    ]
    if not plain:
        return Check(
            "payment_methods", is_ok=True, detail=Message("{count} enabled", count=len(rows))
        )
    detail = Message("asked over http:// without signatures: {names}", names=", ".join(plain))
    advice = "use the gateway's https:// address, or its version 2 (epay_rsa)"
    return Check("payment_methods", is_ok=True, detail=detail, advice=advice)
