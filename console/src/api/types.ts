// The nouns of the API as pages name them. Money is whole 词元, times are ISO 8601 in UTC.

import type { components } from './schema';

type Shapes = components['schemas'];

export type Account = Shapes['Account'];
export type Entry = Shapes['Entry'];
export type Overview = Shapes['Overview'];
export type Usage = Shapes['UsageReport'];
export type Log = Shapes['Log'];
export type Logs = Shapes['LogPage'];
export type LogDetail = Shapes['LogDetail'];
export type PriceUsed = Shapes['PriceUsed'];
export type Attempt = Shapes['AttemptView'];
export type Statement = Shapes['Statement'];
export type Redeemed = Shapes['Redeemed'];
export type OfferedModel = Shapes['ModelView'];
export type OfferedPrice = Shapes['ModelPrice'];
export type ApiToken = Shapes['ApiToken'];
export type Budget = Shapes['Budget'];
export type NewToken = Shapes['NewToken'];
export type TokenChange = Shapes['TokenChange'];
export type NewKey = Shapes['NewKey'];
export type PlaygroundKey = Shapes['PlaygroundKey'];

export interface Listed<Item> {
  items: Item[];
  next: string | null;
}

export interface Site {
  name: string;
  notice: string | null;
  contact: string | null;
  icp: string | null;
  sign_up: 'open' | 'closed' | 'invite';
  currency: { symbol: string; unit: string; per_major: number };
  api_url: string;
  public_url: string;
  docs_url: string;
  topup_link: string | null;
  nextchat_url: string | null;
  is_set_up: boolean;
  languages: string[];
  version: string;
}

/** owner, finance, support or readonly. */
export type Role = string;

export interface User {
  id: string;
  email: string;
  language: string | null;
  zone: string | null;
  role: Role | null;
  has_totp: boolean;
  low_balance: number | null;
}

export interface Session {
  user: User;
  accounts: { id: string; name: string }[];
  account: string | null;
}

export interface LinkLook {
  kind: 'operator' | 'invite' | 'reset';
  email: string | null;
  account_name: string | null;
}

export interface SignedIn {
  id: string;
  created: string;
  last_seen: string;
  address: string;
  agent: string;
  is_current: boolean;
}

export interface Member {
  user_id: string;
  email: string;
  since: string;
}

/** Decimal strings of the currency per million tokens; `request` is whole 词元. */
export interface Price {
  input: string;
  cached_input?: string | null;
  cache_write?: string | null;
  cache_write_1h?: string | null;
  output: string;
  request?: number | string | null;
  factor?: string | null;
}

