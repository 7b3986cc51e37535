// Top up.
import type { Texts } from '../zh';

export const topUp: Texts['topUp'] = {
  title: 'Top up',
  intro: 'Credit can be used at once, and each one is an entry of the statement.',
  redeem: 'Redemption code',
  code: 'Code',
  codeHint: 'Paste it as it is: spaces, dashes and small letters do not matter',
  redeemAction: 'Redeem',
  credited: 'Credited:',
  balanceNow: 'The balance is now',
  seeEntry: (seq) => `entry ${seq}`,
  link: 'Buy online',
  linkText: 'Buying happens on the operator’s site; the code that you get there is redeemed here.',
  openLink: 'Go and buy',
};
