// What was done, in words: one sentence for an action on every surface. A name is that of the
// console's route or of the command; the subject follows.

interface Deed {
  names: string[];
  zh: string;
  en: string;
}

const deed = (names: string, zh: string, en: string): Deed => ({
  names: names.split(' '),
  zh,
  en,
});

export const DEEDS: Deed[] = [
  deed('operator_accounts.open_account account.create', '新建了账户', 'created account'),
  deed('account.rename', '重命名了账户', 'renamed account'),
  deed('operator_accounts.adjust', '调整了余额：账户', 'adjusted the balance of'),
  deed('account.credit', '入账：账户', 'credited account'),
  deed('account.debit', '扣款：账户', 'debited account'),
  deed('operator_accounts.suspend account.suspend', '停用了账户', 'suspended account'),
  deed('operator_accounts.resume account.resume', '恢复了账户', 'resumed account'),
  deed('operator_accounts.release account.release', '放行了账户', 'released account'),
  deed('operator_accounts.change_profile', '修改了账户资料', 'changed the profile of'),
  deed('account.note', '修改了账户备注', 'changed the notes of'),
  deed('account.groups', '修改了账户的分组', 'changed the groups of'),
  deed('operator_accounts.refund ledger.refund', '退还了请求费用', 'refunded request'),
  deed('members.invite account.invite', '生成了账户邀请', 'created an invitation to'),
  deed('members.revoke_invitation invitation.end', '撤销了账户邀请', 'revoked an invitation to'),
  deed('members.change_member member.role', '修改了成员', 'changed member'),
  deed('members.set_budgets member.budget', '修改了成员预算', 'changed the budgets of member'),
  deed('members.remove_member member.remove', '移除了成员', 'removed member'),
  deed('tokens.create token.create', '新建了密钥', 'created token'),
  deed('tokens.change token.set', '修改了密钥', 'changed token'),
  deed('token.disable', '停用了密钥', 'disabled token'),
  deed('token.enable', '启用了密钥', 'enabled token'),
  deed('tokens.revoke token.revoke', '删除了密钥', 'revoked token'),
  deed('tokens.rotate token.rotate', '轮换了密钥', 'rotated token'),
  deed('channels.create', '添加了渠道', 'added channel'),
  deed('channels.change', '修改了渠道', 'changed channel'),
  deed('channel.rename', '重命名了渠道', 'renamed channel'),
  deed('channels.remove channel.remove', '移除了渠道', 'removed channel'),
  deed('channel.key_add', '增加了渠道密钥', 'added a key to channel'),
  deed('channel.key_drain', '停用中：渠道密钥', 'drained a key of channel'),
  deed('channel.key_remove', '删除了渠道密钥', 'removed a key of channel'),
  deed('upstreams.test', '测试了渠道', 'tested channel'),
  deed('upstreams.list_upstream_models', '获取了上游模型列表', 'fetched the upstream’s models'),
  deed('catalog.put_model', '修改了模型', 'changed model'),
  deed('catalog.put_tiers', '修改了等级', 'changed the tiers'),
  deed('catalog.apply', '应用了目录文件', 'applied a catalog file'),
  deed('codes.create', '生成了兑换码', 'created redemption codes'),
  deed('codes.revoke', '作废了兑换码', 'revoked redemption codes'),
  deed('account.redeem', '兑换了兑换码', 'redeemed a code'),
  deed('ledger.verify', '核对了总账', 'verified the ledger'),
  deed('ledger.expire', '汇总了过期明细', 'summed up expired details'),
  deed('operators.invite', '邀请了运营者', 'invited operator'),
  deed('operator.create', '新建了运营者', 'created operator'),
  deed('operator.link', '生成了运营者链接', 'created an operator link'),
  deed('operators.revoke_link', '撤销了链接', 'revoked a link'),
  deed('operators.change_role operator.role', '修改了角色', 'changed the role of'),
  deed('operators.reset person.reset', '重设了密码', 'reset the password of'),
  deed('operators.create_key operator.key_create', '新建了管理密钥', 'created management key'),
  deed('operators.revoke_key operator.key_revoke', '作废了管理密钥', 'revoked management key'),
  deed('settings.put_setting settings.set', '修改了设置', 'changed setting'),
  deed('mail.test settings.test_mail', '发送了测试邮件', 'sent a test mail'),
  deed('sign_up_codes.create', '生成了邀请码', 'created invitation codes'),
  deed('sign_up_codes.end', '停用了邀请码', 'ended an invitation code'),
  deed('account.make_playground_key', '使用了在线调试', 'used the playground'),
  deed('sign_in_services.check', '测试了登录服务', 'tested sign-in service'),
  deed('sign_in_services.enable', '启用了登录服务', 'enabled sign-in service'),
  deed('identity.add sign_in_services.put', '设置了登录服务', 'set up sign-in service'),
  deed('identity.enable', '启用了登录服务', 'enabled sign-in service'),
  deed('identity.disable sign_in_services.disable', '停用了登录服务', 'disabled sign-in service'),
  deed('imports.look_at imports.check', '检查了迁移', 'checked a move'),
  deed('imports.take imports.take_again import.take', '执行了迁移', 'took over a gateway'),
  deed('imports.open_move import.open', '开放了迁移', 'opened a move'),
  deed('imports.forget import.forget', '撤销了迁移', 'forgot a move'),
  deed(
    'notices.create_sink operator_notices.create_sink notices.add',
    '新建了通知渠道',
    'added a notice target',
  ),
  deed(
    'notices.change_sink operator_notices.change_sink notices.change',
    '修改了通知渠道',
    'changed a notice target',
  ),
  deed(
    'notices.remove_sink operator_notices.remove_sink notices.remove',
    '删除了通知渠道',
    'removed a notice target',
  ),
  deed(
    'notices.roll_secret operator_notices.roll_secret notices.secret',
    '更换了通知密钥',
    'rolled a notice secret',
  ),
  deed('notices.try_out operator_notices.try_out notices.test', '试发了通知', 'sent a test notice'),
  deed('notices.set_threshold notices.threshold', '修改了余额提醒', 'changed the balance alert of'),
  deed('orders.create payments.order', '创建了订单', 'created an order'),
  deed('orders.cancel payments.cancel', '取消了订单', 'cancelled order'),
  deed('orders.check payments.check', '查询了订单', 'checked order'),
  deed('orders.ask_invoice', '申请了发票', 'asked for an invoice'),
  deed(
    'payments.close_invoice payments.invoice_done',
    '处理了发票申请',
    'closed an invoice request',
  ),
  deed('payments.credit', '手动入账：订单', 'credited order by hand'),
  deed(
    'payments.credit_unmatched payments.unmatched.credit',
    '手动入账：无订单的付款',
    'credited a payment without an order',
  ),
  deed('payments.method.arrival', '查询了支付通知', 'looked for a payment’s notify'),
  deed('payments.dismiss', '驳回了订单', 'dismissed order'),
  deed('payments.refund', '退款：订单', 'refunded order'),
  deed('payments.resolve', '处理了订单审核', 'resolved order'),
  deed('payments.compare', '核对了支付账单', 'compared payments'),
  deed('payments.test_account', '设置了支付测试账户', 'set the test account of payments'),
  deed('payment_methods.put payments.method.put', '设置了支付方式', 'changed payment method'),
  deed('payment_methods.check payments.method.check', '检查了支付方式', 'checked payment method'),
  deed('payment_methods.enable payments.method.enable', '启用了支付方式', 'enabled payment method'),
  deed(
    'payment_methods.disable payments.method.disable',
    '停用了支付方式',
    'disabled payment method',
  ),
];

const BY_NAME = new Map(DEEDS.flatMap((each) => each.names.map((name) => [name, each] as const)));

export function deedOf(action: string): Deed | undefined {
  return BY_NAME.get(action);
}
