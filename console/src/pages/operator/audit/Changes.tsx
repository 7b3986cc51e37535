// Before and after, field by field: money as money, the rest as it was sent.
import { Text } from '@mantine/core';
import type { Action } from '~/api/types';
import { money } from '~/format/format';
import { useWords } from '~/i18n';
import { useCurrency } from '~/shell/site';
import { type Change, changesOf } from './changes';
import { words } from './words';

const AMOUNTS = /(^|\.)(tier_min_balance|min_balance|balance|grant|amount)$|^low_balance$/;
const LETTERS_MAX = 60;

export function Changes({ action, most }: { action: Action; most?: number }) {
  const t = useWords(words);
  const currency = useCurrency();
  const changes = changesOf(action);
  const shown = changes.slice(0, most ?? changes.length);
  const text = ({ field }: Change, value: unknown) => {
    if (value === null || value === undefined || value === '') return t.empty_;
    if (typeof value === 'number' && AMOUNTS.test(field)) return money(value, currency);
    const plain = typeof value === 'string' ? value : JSON.stringify(value);
    return most && plain.length > LETTERS_MAX ? `${plain.slice(0, LETTERS_MAX)}…` : plain;
  };
  return (
    <>
      {shown.map((change) => (
        <Text key={change.field} size="sm" c="dimmed" component="div" data-change={change.field}>
          <span className="y-mono">{change.field}</span>:{' '}
          {change.before === undefined ? '' : text(change, change.before)} →{' '}
          <strong>{text(change, change.after)}</strong>
        </Text>
      ))}
      {shown.length < changes.length && (
        <Text size="sm" c="dimmed">
          {t.moreChanges(changes.length - shown.length)}
        </Text>
      )}
    </>
  );
}
