// Settings in the order and the groups in which people look for them; what is new comes last.

export const GROUPS = {
  shop: [
    ...['site_name', 'contact', 'icp', 'notice', 'terms_link', 'terms_version'],
    ...['nextchat_url', 'status_page'],
  ],
  brand: ['brand_color', 'brand_logo', 'brand_icon'],
  signUp: [
    ...['sign_up', 'sign_up_grant', 'sign_up_domains', 'blocked_domains'],
    ...['operators_sign_in'],
    ...['sign_ups_per_block', 'gifts_per_block', 'gifts_per_day'],
  ],
  topUps: [
    ...['topup_link', 'topup_currencies', 'topup_presets', 'topup_min', 'topup_max'],
    ...['topup_daily_max', 'topup_minutes', 'topup_bonus', 'dispute_suspends'],
    ...['seller_name', 'seller_tax_number'],
  ],
  mail: [
    ...['smtp_host', 'smtp_port', 'smtp_security', 'smtp_user', 'smtp_password', 'smtp_from'],
    ...['smtp_reply_to', 'mails_per_mailbox', 'mails_per_client', 'mails_per_hour'],
  ],
  rules: [
    ...['low_balance', 'support_may_spend'],
    ...['shortfall_amount', 'shortfall_percent', 'shortfall_limit'],
  ],
} as const;

export type GroupName = keyof typeof GROUPS;

export interface Grouped<Item> {
  group: GroupName;
  items: Item[];
}

/** Items by group; those that no group names are with the rules. */
export function grouped<Item extends { name: string }>(items: Item[]): Grouped<Item>[] {
  const named = new Set<string>(Object.values(GROUPS).flat());
  const byName = new Map(items.map((item) => [item.name, item]));
  return Object.entries(GROUPS).map(([group, names]) => ({
    group: group as GroupName,
    items: [
      ...names.flatMap((name) => byName.get(name) ?? []),
      ...(group === 'rules' ? items.filter(({ name }) => !named.has(name)) : []),
    ],
  }));
}
