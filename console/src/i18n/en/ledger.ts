// The ledger.
import type { Texts } from '../zh';

export const ledger: Texts['ledger'] = {
  title: 'Ledger',
  intro: 'The entries of all accounts. Entries are only ever added: a correction is a new one.',
  empty: 'No entries yet',
  proof: 'Check the books',
  proofText: 'Computes everything anew from the stored rows: each balance, the price of each charge, each hold, and the sum of all balances.',
  verify: 'Check now',
  full: 'everything from the beginning',
  agree: 'The books agree',
  disagree: 'The books disagree',
  checked: (accounts, entries) => `${accounts} accounts and ${entries} entries were checked.`,
  time: 'Time',
  account: 'Account',
  accountId: 'Account’s id',
  kind: 'Kind',
  amount: 'Amount',
  contra: 'Contra',
  balanceAfter: 'Balance after',
  actor: 'By',
  request: 'Request',
  key: 'Key',
  contras: { revenue: 'revenue', cash: 'cash', promo: 'promotion', adjust: 'adjustment' },
};
