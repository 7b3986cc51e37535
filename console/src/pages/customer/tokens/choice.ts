// What is to be done with a token, as its row's menu says.
import type { ApiToken } from '~/api/types';

export type Choice = { kind: 'rotate' | 'remove'; token: ApiToken };
