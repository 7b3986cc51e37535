// Finds pages by their names, and through the server accounts, tokens, models, channels and
// requests. Arrows choose, Enter opens; members find what is theirs.
import { Badge, Group, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { api, call } from '~/api/client';
import type { Found, Session } from '~/api/types';
import { type Language, useSpeaking, useTexts } from '~/i18n';
import { Modal } from '~/ui/dialogs';
import { Icon } from '~/ui/Icon';
import { listedPages, type Section } from './pages';

const WAIT_MS = 150;
const PAGES_MAX = 6;
const LIST_ID = 'search-results';

export default function SearchDialog(props: { session: Session; onClose: () => void }) {
  const t = useTexts();
  const { language } = useSpeaking();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const wanted = text.trim();
  const [asked] = useDebouncedValue(wanted, WAIT_MS);
  const query = useQuery({
    queryKey: ['search', asked],
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    queryFn: () =>
      call<{ items: Found[] }>(api.GET('/api/search', { params: { query: { q: asked } } })),
  });
  const found = [
    ...pagesFor(props.session, wanted, language),
    ...(wanted === '' ? [] : (query.data?.items ?? [])).flatMap((item) => withDeeds(item, props)),
  ];
  const open = (item: Found | undefined) => {
    if (!item) return;
    props.onClose();
    void navigate({ to: item.address.replace(/^\/console/, '') || '/' });
  };
  const onKey = (event: KeyboardEvent) => {
    const last = found.length - 1;
    if (event.key === 'ArrowDown') setPlace(Math.min(last, place + 1));
    else if (event.key === 'ArrowUp') setPlace(Math.max(0, place - 1));
    else if (event.key === 'Enter') open(found[place]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal
      opened
      onClose={props.onClose}
      withCloseButton={false}
      centered={false}
      yOffset="8vh"
      size="lg"
      padding="sm"
      aria-label={t.shell.search}
    >
      <TextInput
        data-autofocus
        size="md"
        role="combobox"
        aria-expanded
        aria-controls={LIST_ID}
        aria-activedescendant={found[place] ? `found-${place}` : undefined}
        aria-label={t.shell.search}
        placeholder={t.shell.searchHint}
        leftSection={<Icon name="search" size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKey}
      />
      <div id={LIST_ID} role="listbox" aria-label={t.shell.results} className="y-found">
        {found.map((item, index) => (
          <UnstyledButton
            key={`${item.kind} ${item.id}`}
            id={`found-${index}`}
            role="option"
            aria-selected={index === place}
            tabIndex={-1}
            onMouseEnter={() => setPlace(index)}
            onClick={() => open(item)}
          >
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" truncate>
                {item.title}
              </Text>
              <Badge variant="light" color="gray">
                {t.shell.kinds[item.kind] ?? item.kind}
              </Badge>
            </Group>
          </UnstyledButton>
        ))}
      </div>
      {wanted !== '' && found.length === 0 && !query.isFetching && (
        <Text size="sm" c="dimmed" p="sm" role="status">
          {t.shell.nothingFound}
        </Text>
      )}
    </Modal>
  );
}

/** What is found, and what can be done about it at once: a request's refund. */
function withDeeds(item: Found, { session }: { session: Session }): Found[] {
  const mayRefund = session.user.role === 'owner' || session.user.role === 'finance';
  if (item.kind !== 'request' || !mayRefund) return [item];
  return [item, { ...item, kind: 'refund', address: `${item.address}&do=refund` }];
}

/** Pages whose name has the text; with no text the first ones of the list. */
function pagesFor(session: Session, wanted: string, language: Language): Found[] {
  const sections: Section[] = session.user.role === null ? ['customer'] : ['operator', 'customer'];
  const text = wanted.toLowerCase();
  return sections
    .filter((section) => section === 'operator' || session.accounts.length > 0)
    .flatMap((section) => listedPages(section, session.user.role))
    .flatMap(({ pages }) => pages)
    .filter(({ label }) => Object.values(label ?? {}).some((l) => l.toLowerCase().includes(text)))
    .slice(0, PAGES_MAX)
    .map(({ path, label }) => ({
      kind: 'page',
      id: path,
      title: label?.[language] ?? path,
      address: path,
    }));
}
