// The one idiom for filters: they live in the address, so a view can be kept and sent.
// An empty value is absent from the address.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type Filters = Record<string, string>;

/** The filters of a page, by name with their defaults, and how to change some of them. */
export function useFilters<Defaults extends Filters>(
  defaults: Defaults,
): [Record<keyof Defaults, string>, (changed: Partial<Record<keyof Defaults, string>>) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const values = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, search[name] ?? value]),
  ) as Record<keyof Defaults, string>;
  const change = useCallback(
    (changed: Partial<Record<keyof Defaults, string>>) => {
      void navigate({
        to: '.',
        replace: true,
        search: (before: Record<string, unknown>) => cleaned({ ...before, ...changed }, defaults),
      });
    },
    [navigate, defaults],
  );
  return [values, change];
}

function cleaned(search: Record<string, unknown>, defaults: Filters): Record<string, string> {
  const kept = Object.entries(search).filter(
    ([name, value]) => value !== undefined && value !== '' && value !== defaults[name],
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** Filters as a query for the API: without what is empty. */
export function asQuery(filters: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''));
}

/** The same as text, for links to CSV. */
export function asQueryText(filters: Record<string, string>): string {
  const text = new URLSearchParams(asQuery(filters)).toString();
  return text === '' ? '' : `?${text}`;
}
