// Whose places these are: an account's, or the operators'. Both have the same calls.
import { api, call } from '~/api/client';
import type { Delivery, Listed, MadePlace, NoticePlace, PlaceTried } from '~/api/types';
import { useMay } from '~/shell/may';
import { useAccountId, useSession } from '~/shell/site';

export interface PlaceWish {
  name?: string | null;
  fields?: Record<string, string> | null;
  events?: string[] | null;
  language?: string | null;
  is_enabled?: boolean | null;
}

export interface NoticeSource {
  key: string[];
  audience: 'customers' | 'operators';
  mayChange: boolean;
  list: () => Promise<Listed<NoticePlace>>;
  add: (kind: string, wish: PlaceWish) => Promise<MadePlace>;
  change: (sink: string, wish: PlaceWish) => Promise<NoticePlace>;
  remove: (sink: string) => Promise<unknown>;
  test: (sink: string) => Promise<PlaceTried>;
  roll: (sink: string) => Promise<{ secret: string }>;
  /** Mailboxes of customers prove themselves by a code; operators' are taken at their word. */
  confirm?: (sink: string, code: string) => Promise<NoticePlace>;
  askAgain?: (sink: string) => Promise<NoticePlace>;
  deliveries: () => Promise<Listed<Delivery>>;
}

/** Whether the person may change what belongs to the account as a whole. */
export function useMayPay(): boolean {
  const account = useAccountId();
  const { user, accounts } = useSession();
  const role = accounts.find((each) => each.id === account)?.role;
  if (role === undefined) return user.role === 'owner' || user.role === 'support';
  return role === 'owner' || role === 'billing';
}

export function useAccountSource(): NoticeSource {
  const account = useAccountId();
  const base = '/api/accounts/{account}/notices';
  const at = (sink: string) => ({ params: { path: { account, sink } } });
  const params = { path: { account } };
  return {
    key: ['account', account, 'notices'],
    audience: 'customers',
    mayChange: useMayPay(),
    list: () => call(api.GET(`${base}/sinks`, { params })),
    add: (kind, wish) =>
      call(api.POST(`${base}/sinks`, { params, body: { kind, ...asked(wish) } })),
    change: (sink, body) => call(api.PATCH(`${base}/sinks/{sink}`, { ...at(sink), body })),
    remove: (sink) => call(api.DELETE(`${base}/sinks/{sink}`, at(sink))),
    test: (sink) => call(api.POST(`${base}/sinks/{sink}/test`, at(sink))),
    roll: (sink) => call(api.POST(`${base}/sinks/{sink}/secret`, at(sink))),
    confirm: (sink, code) =>
      call(api.POST(`${base}/sinks/{sink}/confirm`, { ...at(sink), body: { code } })),
    askAgain: (sink) => call(api.POST(`${base}/sinks/{sink}/code`, at(sink))),
    deliveries: () => call(api.GET(`${base}/deliveries`, { params })),
  };
}

export function useOperatorSource(): NoticeSource {
  const base = '/api/operator/notices';
  const at = (sink: string) => ({ params: { path: { sink } } });
  return {
    key: ['operator', 'notices'],
    audience: 'operators',
    mayChange: useMay('owner'),
    list: () => call(api.GET(`${base}/sinks`)),
    add: (kind, wish) => call(api.POST(`${base}/sinks`, { body: { kind, ...asked(wish) } })),
    change: (sink, body) => call(api.PATCH(`${base}/sinks/{sink}`, { ...at(sink), body })),
    remove: (sink) => call(api.DELETE(`${base}/sinks/{sink}`, at(sink))),
    test: (sink) => call(api.POST(`${base}/sinks/{sink}/test`, at(sink))),
    roll: (sink) => call(api.POST(`${base}/sinks/{sink}/secret`, at(sink))),
    deliveries: () => call(api.GET(`${base}/deliveries`)),
  };
}

function asked({ name, fields, events, language }: PlaceWish) {
  return { name, fields: fields ?? {}, events, language: language ?? 'en' };
}
