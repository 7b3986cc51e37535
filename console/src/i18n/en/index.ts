// All texts in English; they must have the shape of the Chinese ones.
import type { Texts } from '../zh';
import { account } from './account';
import { accounts } from './accounts';
import { audit } from './audit';
import { auth } from './auth';
import { channels } from './channels';
import { codes } from './codes';
import { ledger } from './ledger';
import { logs } from './logs';
import { models } from './models';
import { operatorHome } from './operatorHome';
import { operatorModels } from './operatorModels';
import { overview } from './overview';
import { people } from './people';
import { playground } from './playground';
import { settings } from './settings';
import { shell } from './shell';
import { statement } from './statement';
import { tiers } from './tiers';
import { tokens } from './tokens';
import { topUp } from './topUp';
import { usage } from './usage';

export const en: Texts = {
  account,
  accounts,
  audit,
  auth,
  channels,
  codes,
  ledger,
  logs,
  models,
  operatorHome,
  operatorModels,
  overview,
  people,
  playground,
  settings,
  shell,
  statement,
  tiers,
  tokens,
  topUp,
  usage,
};
