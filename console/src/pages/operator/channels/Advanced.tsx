// Fields of a channel that most of them never need.
import {
  Accordion,
  Checkbox,
  NativeSelect,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ChannelView } from '~/api/types';
import { useWords } from '~/i18n';
import type { ChannelValues } from './values';
import { words } from './words';

export function Advanced(props: {
  form: UseFormReturnType<ChannelValues>;
  channel: ChannelView | null;
}) {
  const t = useWords(words);
  const { form, channel } = props;
  const kept = channel?.header_names.join(', ');
  const expiries = channel?.keys
    .filter((key) => key.expires_at !== null)
    .map((key) => `${key.hint} ${key.expires_at?.slice(0, 10)}`)
    .join(', ');
  return (
    <Accordion variant="contained">
      <Accordion.Item value="advanced">
        <Accordion.Control>{t.advanced}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Textarea
              label={t.costs}
              description={t.costsHint}
              placeholder="gpt-4 = 25 / 50"
              autosize
              minRows={2}
              maxRows={8}
              {...form.getInputProps('costs')}
            />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput label={t.timeout} inputMode="numeric" {...form.getInputProps('timeout')} />
              <NativeSelect
                label={t.onDisconnect}
                data={[
                  { value: 'cancel', label: t.disconnects.cancel },
                  { value: 'drain', label: t.disconnects.drain },
                ]}
                {...form.getInputProps('on_disconnect')}
              />
            </SimpleGrid>
            <TextInput
              type="date"
              label={t.keysExpire}
              description={expiries ? t.keysExpireKept(expiries) : t.keysExpireHint}
              {...form.getInputProps('keys_expire')}
            />
            <TextInput
              label={t.proxy}
              description={channel?.has_proxy ? t.proxyKept : undefined}
              placeholder="http://127.0.0.1:7890"
              {...form.getInputProps('proxy')}
            />
            <Textarea
              label={t.headers}
              description={kept ? t.headersKept(kept) : t.headersHint}
              placeholder="x-title: yiyuan"
              autosize
              {...form.getInputProps('headers')}
            />
            <TextInput
              label={t.native}
              description={t.nativeHint}
              {...form.getInputProps('native')}
            />
            <Checkbox
              label={t.streamUsage}
              description={t.streamUsageHint}
              {...form.getInputProps('stream_usage', { type: 'checkbox' })}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
