// The nouns of the API as pages name them. Money is whole 词元, times are ISO 8601 in UTC.

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

export interface Account {
  id: string;
  name: string;
  balance: number;
  held: number;
  available: number;
  is_suspended: boolean;
  created: string;
}

export interface Overview {
  account: Account;
  spend: { today: number; week: number; month: number };
  requests_month: number;
  errors_month: number;
  median_ms: number | null;
  days_left: number | null;
  days: { day: string; model: string; charge: number; requests: number }[];
  tier: { min_balance: number; rate: string } | null;
  next_tier: { min_balance: number; rate: string } | null;
  limits: { model: string; limit_rpm: number | null; base_rpm: number | null; next_rpm: number | null }[];
  checklist: { has_balance: boolean; has_token: boolean; has_request: boolean };
}

export interface Budget {
  id: string;
  period: 'total' | 'day' | 'month';
  model: string | null;
  limit: number;
  spent: number;
  held: number;
  resets_at: string | null;
}

export interface ApiToken {
  id: string;
  name: string;
  hint: string;
  models: string[] | null;
  allow_ip: string[] | null;
  rpm: number | null;
  expires: string | null;
  created: string;
  last_used: string | null;
  status: 'active' | 'disabled' | 'expired' | 'revoked';
  clamp_explicit: boolean;
  budgets: Budget[];
  spend_month: number;
}

export interface NewKey {
  id: string;
  name?: string;
  key: string;
}

export interface Sums {
  requests: number;
  errors: number;
  input_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  charge: number;
}

export interface Usage {
  since: string;
  until: string;
  total: Sums;
  previous: Sums;
  groups: (Sums & { key: string; label: string })[];
  days: { day: string; key: string; charge: number; requests: number }[];
}

export interface Log {
  request_id: string;
  at: string;
  model: string;
  token_id: string;
  token_name: string;
  endpoint: string;
  status: number | null;
  outcome: string;
  streamed: boolean;
  input_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  cache_write_1h_tokens: number;
  output_tokens: number;
  reasoning_tokens: number;
  charge: number;
  first_byte_ms: number | null;
  total_ms: number | null;
}

export interface Logs extends Listed<Log> {
  newest: string | null;
}

export interface Entry {
  id: string;
  seq: number;
  at: string;
  kind: string;
  amount: number;
  balance_after: number;
  request_id: string | null;
  actor: string | null;
  reason: string | null;
}

/** The arithmetic of a charge: decimals are exact, `cost` and `exact` in 词元. */
export interface PriceUsed {
  id: string;
  lines: { kind: string; count: number; price: string; cost: string }[];
  factor: string;
  exact: string;
  charge: number;
}

export interface Attempt {
  n: number;
  /** Only for operators. */
  channel_id: string | null;
  outcome: string;
  status: number | null;
  ms: number | null;
}

export interface LogDetail {
  log: Log;
  price: PriceUsed | null;
  hold: number;
  shortfall: number;
  usage_source: string;
  entries: Entry[];
  attempts: Attempt[];
  client_request_id: string | null;
  /** These two only for operators. */
  upstream_request_id: string | null;
  upstream_model: string | null;
  curl: string;
}

export interface Statement extends Listed<Entry> {
  opening: number;
  closing: number;
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

export interface OfferedModel {
  name: string;
  price: Price;
  context_tokens: number | null;
  max_output_tokens: number | null;
  limit_rpm: number | null;
  limit_tpm: number | null;
  concurrency: number | null;
  is_available: boolean;
  endpoints: string[];
}
