// What is wrong with the service now, as operators wrote it. Who has read it closes it; the next
// update shows it again.
import { Alert, Anchor, Group } from '@mantine/core';
import { useState } from 'react';
import type { Overview } from '~/api/types';
import { useSpeaking, useWords } from '~/i18n';
import { Time } from '~/ui/Time';
import { words } from './words';

const SHOWN_MAX = 3;
const KEPT_AS = 'yiyuan.read-incidents';

type Incident = Overview['incidents'][number];

export function Incidents({ incidents }: { incidents: Incident[] }) {
  const [read, setRead] = useState(readBefore);
  const markRead = (mark: string) => {
    const lasting = new Set(incidents.map(markOf));
    const kept = [...read.filter((one) => lasting.has(one)), mark];
    localStorage.setItem(KEPT_AS, JSON.stringify(kept));
    setRead(kept);
  };
  return incidents
    .filter((incident) => !read.includes(markOf(incident)))
    .slice(0, SHOWN_MAX)
    .map((incident) => (
      <Told key={incident.id} incident={incident} onRead={() => markRead(markOf(incident))} />
    ));
}

function Told({ incident, onRead }: { incident: Incident; onRead: () => void }) {
  const t = useWords(words);
  const { language } = useSpeaking();
  const latest = incident.updates[0];
  const isChinese = language === 'zh';
  const text = (isChinese && latest?.text_zh) || latest?.text;
  return (
    <Alert
      color="yellow"
      role="status"
      data-incident={incident.id}
      title={(isChinese && incident.title_zh) || incident.title}
      withCloseButton
      closeButtonLabel={t.shell.close}
      onClose={onRead}
    >
      <Group justify="space-between" gap="xs">
        <span>
          {t.incidentStates[incident.state] ?? incident.state}
          {incident.models.length > 0 && ` · ${incident.models.join(', ')}`}
          {latest && (
            <>
              {' · '}
              <Time at={latest.at} show="ago" />
            </>
          )}
        </span>
        <Anchor href="/status" inherit underline="always">
          {t.statusPage}
        </Anchor>
      </Group>
      {text}
    </Alert>
  );
}

/** One of its states of affairs: with the next update it is another. */
function markOf(incident: Incident): string {
  return `${incident.id} ${incident.updates[0]?.at ?? ''}`;
}

function readBefore(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
