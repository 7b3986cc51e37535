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
export type Site = Shapes['SiteFront'];
export type User = Shapes['User'];
export type Session = Shapes['Session'];
export type LinkLook = Shapes['LinkView'];
export type SignedIn = Shapes['SessionView'];
export type Member = Shapes['MemberView'];

// The operator's.
export type Home = Shapes['Home'];
export type AccountItem = Shapes['AccountItem'];
export type AccountDetail = Shapes['AccountDetail'];
export type ChannelView = Shapes['ChannelView'];
export type TestResult = Shapes['TestResult'];
export type OperatorModel = Shapes['OperatorModel'];
export type PriceVersion = Shapes['PriceVersion'];
export type Tier = Shapes['Tier'];
export type CodeBatch = Shapes['CodeBatch'];
export type CodeUse = Shapes['CodeUse'];
export type ShopEntry = Shapes['ShopEntry'];
export type Proof = Shapes['Proof'];
export type Verified = Shapes['Verified'];
export type Action = Shapes['Action'];
export type Setting = Shapes['Setting'];
export type Operator = Shapes['Operator'];
export type ManagementKey = Shapes['ManagementKey'];

export interface Listed<Item> {
  items: Item[];
  next: string | null;
}

/** owner, finance, support or readonly. */
export type Role = string;
