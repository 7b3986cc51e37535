// Every kind of place and every event, with their titles in the reader's language.
import { useQuery } from '@tanstack/react-query';
import { api, call } from '~/api/client';
import type { NoticeChoices, NoticeKind } from '~/api/types';
import { useSpeaking } from '~/i18n';

export function useChoices() {
  const { language } = useSpeaking();
  const { data } = useQuery({
    queryKey: ['notices', 'choices'],
    queryFn: () => call<NoticeChoices>(api.GET('/api/notices')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const said = (title: Record<string, string> | undefined, other: string) =>
    title?.[language] ?? other;
  return {
    kinds: data?.kinds ?? [],
    events: data?.events ?? [],
    said: (title: NoticeKind['title']) => said(title, ''),
    kindTitle: (name: string) => said(data?.kinds.find(({ kind }) => kind === name)?.title, name),
    eventTitle: (name: string) =>
      said(data?.events.find((event) => event.name === name)?.title, name),
  };
}
