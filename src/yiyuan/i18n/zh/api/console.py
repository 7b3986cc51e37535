"""Refusals that only the console's API can meet, beside those of commands.

A code whose one sentence says it all, such as `link_not_valid`, has that in the panel.
"""

from typing import Final

PAGES: Final = {
    # channels and models
    'there is no model "{name}" on offer: add it under Models and pricing first': (
        "没有对外提供的模型“{name}”，请先在“模型与定价”中添加"
    ),
    "api_keys: a channel that leads elsewhere needs its keys again": (
        "api_keys：更换了去向的渠道须重新填写密钥"
    ),
    "provider must be one with an address, not {name}": "协议须为有地址的一种，而不是 {name}",
    "provider and base_url, or channel_id, are needed": (
        "须提供 provider 与 base_url，或 channel_id"
    ),
    "tiers: two begin at the same balance": "tiers：有两个等级从同一余额开始",
    # what an upstream answered
    "status {status}: the key was refused": "状态码 {status}，密钥被拒绝",
    "status 200: the answer is not a list of models": "状态码 200，但应答不是模型列表",
    "status {status}: there is no list of models at this address": (
        "状态码 {status}，此地址没有模型列表"
    ),
    "refused_address: a private address, and the channel does not allow private addresses": (
        "这是本机或内网地址，而渠道没有允许"
    ),
    "refused_address: not a plain http or https URL": "不是普通的 http 或 https 地址",
    "refused_address: a link-local, metadata or reserved address is never connected to": (
        "从不连接链路本地、元数据或保留地址"
    ),
    "timeout_first_byte: no whole answer in time": "没有在限期内完整应答",
    # settings and preferences
    "{argument} must be a text of at most {most} characters": "{argument} 最多 {most} 个字符",
    "{argument} must be plain text": "{argument} 须为纯文本",
    "{argument} must be a colour such as #0b7285": "{argument} 须为颜色，例如 #0b7285",
    "{argument} must be a picture (SVG, PNG, JPEG, WebP, ICO) of at most 32 kB as a data URI": (
        "{argument} 须为 data URI 形式的图片（SVG、PNG、JPEG、WebP、ICO），不超过 32 kB"
    ),
    "{argument} must be an address that begins with https:// or http://": (
        "{argument} 须为以 https:// 或 http:// 开头的地址"
    ),
    "{argument} must be one such as Asia/Shanghai": "{argument} 须形如 Asia/Shanghai",
    "allow_ip must hold addresses or networks such as 203.0.113.0/24": (
        "允许的地址须为 IP 地址或网段，例如 203.0.113.0/24"
    ),
    # people and money
    "amount must not be 0": "金额不能为 0",
    "a management key must send an Idempotency-Key with money": (
        "管理密钥入账时须带 Idempotency-Key"
    ),
    "email is required": "请填写邮箱地址",
    "code: start with a new secret first": "code：请先生成新的密钥",
    "the one-time code is wrong": "动态验证码不正确",
    "the one-time code is wrong or was used before": "动态验证码不正确，或已经用过",
    "an authenticator is switched on already": "动态验证已经开启",
    "the last owner of an account stays": "账户的最后一位所有者不能移除",
    "the last owner of an account stays one": "账户的最后一位所有者须保留其角色",
    "your role in this account may not do this": "您在此账户中的角色没有此权限",
    "the last owner stays one": "最后一位所有者须保留其角色",
    "your role may change prices only": "您的角色只能修改价格",
    "your role may not give money": "您的角色不能发放余额",
    "this is for people, not for management keys": "此操作只限本人登录后进行，不能用管理密钥",
    "this key may not be used from this address": "此密钥不能从这个地址使用",
}
