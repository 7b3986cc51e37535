// Settings.
import type { Texts } from '../zh';

export const settings: Texts['settings'] = {
  title: 'Settings',
  intro: 'Site settings hold at once and on every node. All of it is shown as plain text.',
  site: 'Site',
  process: 'The process',
  processText: 'From the environment and the command line; changed by starting anew.',
  none: 'No settings',
  name: 'Name',
  value: 'Value',
  source: 'From',
  meaning: 'Meaning',
  sources: { default: 'default', environment: 'environment', flag: 'command line', console: 'console' },
  toDefault: 'Default again',
  signUps: { closed: 'closed', invite: 'by invitation', open: 'open' },
  names: {
    site_name: { label: 'Site name', hint: '' },
    contact: { label: 'Contact', hint: 'in the footer, such as an e-mail address' },
    icp: { label: 'ICP number', hint: 'for sites in mainland China' },
    notice: { label: 'Notice', hint: 'at the top of every page' },
    sign_up: { label: 'Sign-up', hint: 'who may open an account' },
    sign_up_grant: { label: 'Grant at sign-up', hint: 'what a new account begins with' },
    topup_link: { label: 'External top-up link', hint: 'where the top-up page and 402 errors point, if set' },
    nextchat_url: { label: 'NextChat’s address', hint: 'your own, for “open in NextChat”' },
    low_balance: { label: 'Low-balance notice', hint: 'below this a customer is reminded; they may choose their own' },
  },
};
