// The headings of the navigation, in their order, by section.
import type { Language } from '~/i18n';

export type GroupName = 'build' | 'money' | 'account' | 'customers' | 'supply' | 'finance' | 'site';

export const GROUPS: Record<GroupName, Record<Language, string>> = {
  build: { zh: '开发', en: 'Build' },
  money: { zh: '费用', en: 'Billing' },
  account: { zh: '账户', en: 'Account' },
  customers: { zh: '客户', en: 'Customers' },
  supply: { zh: '模型供应', en: 'Supply' },
  finance: { zh: '财务', en: 'Finance' },
  site: { zh: '系统', en: 'System' },
};
