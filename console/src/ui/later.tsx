// Dialogs and menus of the kit are scripts of their own: no page needs them to be read. They
// come when the page has been drawn, or at the latest when one of them is opened.
import { useIsFetching } from '@tanstack/react-query';
import { type ComponentType, lazy, Suspense, useEffect, useRef, useState } from 'react';
import { reaching } from '~/data/reach';

type Load<Props> = () => Promise<ComponentType<Props>>;

const QUIET_MS = 1000;
const BUSY_MAX_MS = 5000;
const waiting: (() => Promise<unknown>)[] = [];

/** A part of the kit whose script is fetched when it is first drawn, or while nothing happens. */
export function fetchedLater<Props extends object>(load: Load<Props>) {
  waiting.push(load);
  return lazy(reaching(async () => ({ default: await load() })));
}

/** A dialog that is drawn, and its script fetched, from its first opening on. */
export function Later<Props extends { opened: boolean }>(parts: {
  dialog: ComponentType<Props>;
  props: Props;
}) {
  const wasOpened = useRef(false);
  wasOpened.current ||= parts.props.opened;
  if (!wasOpened.current) return null;
  return (
    <Suspense fallback={null}>
      <Opened {...parts} />
    </Suspense>
  );
}

/** The kit notes where the focus was when a dialog opens, not when it is there open already. */
function Opened<Props extends { opened: boolean }>(parts: {
  dialog: ComponentType<Props>;
  props: Props;
}) {
  const { dialog: Dialog, props } = parts;
  const [isThere, setThere] = useState(false);
  useEffect(() => setThere(true), []);
  return <Dialog {...props} opened={props.opened && isThere} />;
}

/** Fetches what is opened later, once the page has its data and the browser nothing to do. */
export function useFetchAhead(): void {
  useWhenQuiet(() => {
    for (const load of waiting.splice(0)) load().catch(() => {});
  });
}

/** Whether the page had its data for a while once, or at the latest after a long while. */
export function useWasQuiet(): boolean {
  const [wasQuiet, setQuiet] = useState(false);
  useWhenQuiet(() => setQuiet(true));
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(true), BUSY_MAX_MS);
    return () => clearTimeout(timer);
  }, []);
  return wasQuiet;
}

function useWhenQuiet(act: () => void): void {
  const isFetching = useIsFetching() > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each quiet time
  useEffect(() => {
    if (isFetching) return undefined;
    const timer = setTimeout(act, QUIET_MS);
    return () => clearTimeout(timer);
  }, [isFetching]);
}
