// A channel's keys, one at a time, each at once: add one, let one run dry, end one, take one away.
import { Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '~/api/client';
import type { ChannelView } from '~/api/types';
import { useWords } from '~/i18n';
import { ConfirmDialog } from '~/ui/ConfirmDialog';
import { SecretField } from '~/ui/SecretField';
import { toastDone, toastRefused } from '~/ui/toast';
import { readKeys } from './values';
import { words } from './words';

type Key = ChannelView['keys'][number];

export function Keys({ channel }: { channel: ChannelView }) {
  const t = useWords(words);
  const queries = useQueryClient();
  const [keys, setKeys] = useState(channel.keys);
  const [removing, setRemoving] = useState<Key | null>(null);
  const taken = async (answer: Promise<ChannelView>) => {
    setKeys((await answer).keys);
    await queries.invalidateQueries({ queryKey: ['operator', 'channels'] });
  };
  const pathOf = (key: Key | null) => ({ path: { channel: channel.id, key: key?.id ?? '' } });
  const change = async (key: Key, body: { is_draining?: boolean; expires_at?: string | null }) => {
    const asked = { params: pathOf(key), body };
    try {
      await taken(
        call<ChannelView>(api.PATCH('/api/operator/channels/{channel}/keys/{key}', asked)),
      );
    } catch (reason) {
      toastRefused(reason);
    }
  };
  const remove = async () => {
    const asked = { params: pathOf(removing) };
    await taken(
      call<ChannelView>(api.DELETE('/api/operator/channels/{channel}/keys/{key}', asked)),
    );
    toastDone(t.keyRemoved(removing?.hint ?? ''));
  };
  return (
    <Stack gap="xs" data-keys>
      {keys.map((key) => (
        <Row
          key={key.id}
          shown={key}
          onChange={(body) => void change(key, body)}
          onRemove={() => setRemoving(key)}
        />
      ))}
      <Adding channel={channel} onAdd={taken} />
      <ConfirmDialog
        isOpen={removing !== null}
        title={t.removingKey(removing?.hint ?? '')}
        text={t.removeKeyText}
        action={t.remove}
        isDangerous
        onConfirm={remove}
        onClose={() => setRemoving(null)}
      />
    </Stack>
  );
}

/** What may be shown of a key, whether it gets requests, and what can be done with it. */
function Row(props: {
  shown: Key;
  onChange: (body: { is_draining?: boolean; expires_at?: string | null }) => void;
  onRemove: () => void;
}) {
  const t = useWords(words);
  const { shown, onChange } = props;
  const isPaused = shown.paused.length > 0;
  const day = shown.expires_at?.slice(0, 10) ?? '';
  return (
    <Stack gap={4} data-key={shown.hint}>
      <Group gap="xs">
        <span className="y-mono">{shown.hint}</span>
        <Badge variant="light" color={isPaused ? 'red' : shown.is_draining ? 'yellow' : 'green'}>
          {isPaused ? t.health.open : shown.is_draining ? t.draining : t.keyWorks}
        </Badge>
        <TextInput
          type="date"
          size="xs"
          aria-label={t.keyEnds(shown.hint)}
          title={t.keyEnds(shown.hint)}
          value={day}
          onChange={(event) => onChange({ expires_at: event.currentTarget.value || null })}
        />
        <Button
          size="compact-xs"
          variant="default"
          aria-label={shown.is_draining ? t.undrainKey(shown.hint) : t.drainKey(shown.hint)}
          onClick={() => onChange({ is_draining: !shown.is_draining })}
        >
          {shown.is_draining ? t.useAgain : t.drain}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={t.removingKey(shown.hint)}
          onClick={props.onRemove}
        >
          {t.remove}
        </Button>
      </Group>
      {shown.paused.map((each) => (
        <Text key={each.model} size="sm" c="dimmed">
          {t.pausedFor(each.model, each.failures, each.retry_seconds)}
        </Text>
      ))}
    </Stack>
  );
}

function Adding(props: {
  channel: ChannelView;
  onAdd: (answer: Promise<ChannelView>) => Promise<void>;
}) {
  const t = useWords(words);
  const [secret, setSecret] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [key = '', ...more] = readKeys(secret);
  const isOne = key !== '' && more.length === 0;
  const add = async () => {
    const path = { channel: props.channel.id };
    const asked = { params: { path }, body: { key } };
    setBusy(true);
    try {
      await props.onAdd(
        call<ChannelView>(api.POST('/api/operator/channels/{channel}/keys', asked)),
      );
      setSecret('');
    } catch (reason) {
      toastRefused(reason);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Group align="end" gap="xs">
      <SecretField
        data-no-guard
        style={{ flexGrow: 1 }}
        label={t.oneMoreKey}
        description={t.oneMoreKeyHint}
        autoComplete="off"
        value={secret}
        onChange={(event) => setSecret(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault(); // the form around it is not saved by this
          if (isOne && !isBusy) void add();
        }}
      />
      <Button variant="default" loading={isBusy} disabled={!isOne} onClick={() => void add()}>
        {t.addKey}
      </Button>
    </Group>
  );
}
