"""The settings of what one client may cost the server."""

from yiyuan.kernel import setting_readers as read
from yiyuan.kernel.setting_doc import SettingDoc

_MIB = 1024 * 1024

BOUND_DOCS = (
    SettingDoc(
        "body_bytes_max",
        "YIYUAN_BODY_BYTES_MAX",
        "10485760",
        read.integer_reader(1024, 1024 * 1024 * 1024),
        "The largest request body that is taken, in bytes; more is answered 413.",
        "可接受的最大请求体，单位为字节；超过则返回 413。",
    ),
    SettingDoc(
        "body_memory_bytes",
        "YIYUAN_BODY_MEMORY_BYTES",
        "268435456",
        read.integer_reader(_MIB, 1024 * 1024 * _MIB),
        "Memory for all requests' bodies, in bytes, then 503; as much for answers, which wait.",
        "请求体合计可用的内存，单位为字节，超过则返回 503；回答另有同样大小的空间，超过则等待。",
    ),
    SettingDoc(
        "account_body_memory_bytes",
        "YIYUAN_ACCOUNT_BODY_MEMORY_BYTES",
        "67108864",
        read.integer_reader(_MIB, 1024 * 1024 * _MIB),
        "The same for one account: 429 above it; its answers wait.",
        "单个账户的同一上限，单位为字节：请求体超过则返回 429，回答则等待。",
    ),
    SettingDoc(
        "refused_per_minute",
        "YIYUAN_REFUSED_PER_MINUTE",
        "600",
        read.integer_reader(0, 1_000_000),
        "Refused requests of one account that are looked at a minute, then 429; 0: no limit.",
        "每个账户每分钟处理的被拒绝请求数，超过则返回 429；0 表示不限。",
    ),
    SettingDoc(
        "connections_per_address",
        "YIYUAN_CONNECTIONS_PER_ADDRESS",
        "1000",
        read.integer_reader(0, 1_000_000),
        "Connections of one address, trusted proxies excepted, in each process; 0: no limit.",
        "单个地址的连接数，按进程计，受信任的代理除外；0 表示不限。",
    ),
)
