// Sends one tiny real request for each model of a channel and shows how it went.

import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { ChannelView, TestResult } from '~/api/types';
import { milliseconds } from '~/format/format';
import { useWords } from '~/i18n';
import { ErrorState, LoadingState } from '~/ui/States';
import { Table } from '~/ui/table/Table';
import { words } from './words';

export function TestPanel({ channel }: { channel: ChannelView }) {
  const t = useWords(words);
  const test = useMutation({
    mutationFn: (model: string | null) => {
      const asked = { params: { path: { channel: channel.id } }, body: { model } };
      return call<{ results: TestResult[] }>(
        api.POST('/api/operator/channels/{channel}/test', asked),
      );
    },
  });
  return (
    <Stack>
      <Text c="dimmed">{t.testIntro}</Text>
      <Group gap="xs">
        <Button onClick={() => test.mutate(null)} loading={test.isPending} data-autofocus>
          {t.testAll}
        </Button>
        {channel.models.map(({ model }) => (
          <Button
            key={model}
            variant="default"
            disabled={test.isPending}
            onClick={() => test.mutate(model)}
          >
            {model}
          </Button>
        ))}
      </Group>
      {test.isPending && <LoadingState rows={3} />}
      {test.error ? <ErrorState error={test.error} /> : null}
      {test.data && <Results results={test.data.results} />}
    </Stack>
  );
}

function Results({ results }: { results: TestResult[] }) {
  const t = useWords(words);
  return (
    <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label={t.results}>
      <Table label={t.results} isCards>
        <thead>
          <tr>
            <th scope="col">{t.model}</th>
            <th scope="col">{t.result}</th>
            <th scope="col" className="y-right">
              {t.firstByte}
            </th>
            <th scope="col" className="y-right">
              {t.total}
            </th>
            <th scope="col">tokens</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.model} data-test={result.ok ? 'ok' : 'failed'}>
              <td data-label={t.model}>
                <div>{result.model}</div>
              </td>
              <td data-label={t.result}>
                <div>
                  <Badge color={result.ok ? 'green' : 'red'} variant="light">
                    {result.ok ? t.works : t.fails} {result.status ?? ''}
                  </Badge>
                  {result.message && (
                    <Text size="sm" className="y-mono">
                      {result.message}
                    </Text>
                  )}
                </div>
              </td>
              <td data-label={t.firstByte} className="y-right">
                <div>
                  {result.first_byte_ms === null ? '—' : milliseconds(result.first_byte_ms)}
                </div>
              </td>
              <td data-label={t.total} className="y-right">
                <div>{milliseconds(result.ms)}</div>
              </td>
              <td data-label="tokens">
                <div>
                  {result.input_tokens ?? '—'} / {result.output_tokens ?? '—'}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
