// Which entries belong to an order that was paid online, and are said by its number.
import type { Entry } from '~/api/types';

/** What providers know an order by; its page is found by it, too. */
const ORDER_NUMBER = /^[0-9a-z]{24}$/;
/** What it paid, its bonus, and what a refund, a dispute or a debt of it took or gave. */
const KINDS = ['topup', 'grant', 'reversal'];

export function isOfOrder(entry: Pick<Entry, 'kind' | 'reason'>): boolean {
  return KINDS.includes(entry.kind) && ORDER_NUMBER.test(entry.reason ?? '');
}
