// The nouns of the API as pages name them. Money is whole 词元, times are ISO 8601 in UTC.

import type { components } from './schema';

type Shapes = components['schemas'];

export type Account = Shapes['Account'];
export type Entry = Shapes['Entry'];
export type Overview = Shapes['AccountOverview'];
export type Usage = Shapes['UsageReport'];
export type Log = Shapes['Log'];
export type Logs = Shapes['LogPage'];
export type LogDetail = Shapes['LogDetail'];
export type Attempt = Shapes['AttemptView'];
export type MonthInvoice = Shapes['MonthInvoice'];
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
export type Came = Shapes['Came'];
export type LinkLook = Shapes['LinkView'];
export type PendingSignIn = Shapes['Pending'];
export type SignedIn = Shapes['SessionView'];
export type Member = Shapes['MemberView'];

// The operator's.
export type Home = Shapes['Home'];
export type AccountItem = Shapes['AccountItem'];
export type AccountDetail = Shapes['AccountDetail'];
export type ChannelView = Shapes['ChannelView'];
export type ChannelHistory = Shapes['ChannelHistory'];
export type TestResult = Shapes['TestResult'];
export type Vendor = Shapes['Vendor'];
export type OperatorModel = Shapes['OperatorModel'];
export type PriceVersion = Shapes['PriceVersion'];
export type Tier = Shapes['Tier'];
export type CodeBatch = Shapes['CodeBatch'];
export type CodeUse = Shapes['CodeUse'];
export type AccountEntry = Shapes['AccountEntry'];
export type Proof = Shapes['Proof'];
export type Verified = Shapes['Verified'];
export type Action = Shapes['Action'];
export type Setting = Shapes['Setting'];
export type Operator = Shapes['Operator'];
export type ManagementKey = Shapes['ManagementKey'];
export type RequestLine = Shapes['RequestLine'];
export type RequestDetail = Shapes['RequestDetail'];
export type LedgerSummary = Shapes['LedgerSummary'];
export type AccountSummary = Shapes['AccountSummary'];
export type Margin = Shapes['Margin'];

export type Found = Shapes['Found'];

export interface Listed<Item> {
  items: Item[];
  next: string | null;
}

/** owner, finance, support or readonly. */
export type Role = string;

// Payments.
export type Order = Shapes['Order'];
export type EarlierOrder = Shapes['EarlierOrder'];
export type OrderDetails = Shapes['OrderDetails'];
export type TopUpChoices = Shapes['Choices'];
export type MethodChoice = Shapes['MethodChoice'];
export type Receipt = Shapes['Receipt'];
export type PaymentEvent = Shapes['PaymentEvent'];
export type PaymentDay = Shapes['PaymentDay'];
export type PaymentKind = Shapes['Kind'];
export type PaymentMethod = Shapes['PaymentMethod'];
export type MethodCheck = Shapes['MethodCheck'];
export type MethodArrival = Shapes['MethodArrival'];
export type Invoice = Shapes['Invoice'];
export type PaymentsSummary = Shapes['PaymentsSummary'];

// Notices, and ways in.
export type NoticeChoices = Shapes['NoticeChoices'];
export type NoticeKind = Shapes['SinkKind'];
export type NoticePlace = Shapes['SinkView'];
export type MadePlace = Shapes['MadeSink'];
export type PlaceTried = Shapes['Tried'];
export type Delivery = Shapes['DeliveryView'];
export type Incident = Shapes['Incident'];
export type SignUpCode = Shapes['SignUpCode'];
export type MadeSignUpCode = Shapes['MadeSignUpCode'];
export type ServicePreset = Shapes['ServicePreset'];
export type ServiceSetUp = Shapes['ServiceSetUp'];
export type ServiceChecked = Shapes['ServiceChecked'];
export type Passkey = Shapes['Passkey'];
export type PasskeyQuestion = Shapes['PasskeyQuestion'];
export type Identity = Shapes['Identity'];
