// The nouns of the operator's routes.
import type { Account, Entry, Member, Price, Role } from './types';

export interface OperatorHome {
  liability: number;
  held: number;
  revenue: { today: number; week: number; month: number };
  cost_month: number | null;
  requests_minute: number;
  errors_hour: number;
  refused: Record<string, number>;
  p50_ms: number | null;
  p95_ms: number | null;
  channels: {
    id: string;
    name: string;
    is_enabled: boolean;
    health: 'ok' | 'open' | 'unknown';
    requests_hour: number;
    errors_hour: number;
  }[];
  verified: { at: string | null; ok: boolean | null; problems: number | string[] };
  checklist: {
    has_channel: boolean;
    has_model: boolean;
    has_account: boolean;
    has_token: boolean;
    has_request: boolean;
  };
  days: { day: string; revenue: number; cost: number | null }[];
}

export interface AccountRow extends Account {
  spend_month: number;
  last_seen: string | null;
  tokens: number;
}

export interface AccountDetail extends Account {
  notes: string;
  tier_min_balance: number | null;
  members: Member[];
  tier: { min_balance: number; rate: string } | null;
}

export interface ChannelModel {
  model: string;
  upstream_model: string;
  native_completions: boolean;
  cost: Price | null;
  health: string;
}

export interface Channel {
  id: string;
  name: string;
  provider: string;
  base_url: string;
  priority: number;
  weight: number;
  timeout_seconds: number;
  proxy: string | null;
  allow_private: boolean;
  on_disconnect: 'cancel' | 'drain';
  stream_usage: boolean;
  is_enabled: boolean;
  keys: { id: string; hint: string }[];
  models: ChannelModel[];
}

export interface ChannelTest {
  model: string;
  ok: boolean;
  status: number | null;
  ms: number;
  first_byte_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  message: string | null;
}

export interface OperatorModel {
  name: string;
  is_enabled: boolean;
  rpm: number | null;
  tpm: number | null;
  concurrency: number | null;
  context_tokens: number | null;
  max_output_tokens: number | null;
  price: Price;
  next_price: { effective_at: string; price: Price } | null;
  margin_month: { revenue: number; cost: number | null };
  channels: { channel_id: string; name: string; upstream_model: string }[];
}

export interface PriceVersion {
  price_id: string;
  price: Price;
  created: string;
  effective_at: string;
}

export interface Tier {
  min_balance: number;
  rate: string;
  price_factor: string;
}

export interface CodeBatch {
  id: string;
  name: string;
  value: number;
  count: number;
  redeemed: number;
  expires: string | null;
  per_account: number | null;
  created: string;
  created_by: string | null;
  revoked: string | null;
}

export interface LedgerRow extends Entry {
  account_id: string;
  account_name: string;
  contra: string | null;
  key: string | null;
}

export interface Verification {
  ok: boolean;
  accounts: number;
  entries: number;
  problems: string[];
  at: string;
}

export interface AuditRow {
  seq: number;
  at: string;
  actor: string;
  address: string | null;
  action: string;
  subject: string | null;
  before: unknown;
  after: unknown;
  reason: string | null;
  request_id: string | null;
}

export interface SettingRow {
  name: string;
  value: string | number | boolean | null;
  source: 'default' | 'environment' | 'console';
  default: string | number | boolean | null;
  is_editable: boolean;
}

export interface Operator {
  user_id: string;
  email: string;
  role: Role;
  has_totp: boolean;
  last_seen: string | null;
}

export interface ManagementKey {
  id: string;
  name: string;
  hint: string;
  role: Role;
  allow_ip: string[] | null;
  expires: string | null;
  created: string;
  last_used: string | null;
  revoked: string | null;
}
