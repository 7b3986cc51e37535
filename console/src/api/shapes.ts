// The nouns of the operator's routes, straight from the server's OpenAPI document.
import type { components } from './schema';

type Shapes = components['schemas'];

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
