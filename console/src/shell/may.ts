// What the signed-in operator's role lets them do; the server decides again.
import { useSession } from './site';

export type OperatorRole = 'owner' | 'finance' | 'support' | 'readonly';

/** Whether the role is one of these. */
export function useMay(...roles: OperatorRole[]): boolean {
  return roles.includes(useSession().user.role as OperatorRole);
}
