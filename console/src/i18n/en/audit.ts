// The audit log.
import type { Texts } from '../zh';

export const audit: Texts['audit'] = {
  title: 'Audit log',
  intro: 'Every action of operators and management keys. It is only ever added to; passwords and keys are not in it.',
  empty: 'Nothing was done yet',
  time: 'Time',
  who: 'Who',
  whoHint: 'e-mail, key’s name, or id',
  action: 'Action',
  subject: 'About',
  address: 'From',
};
