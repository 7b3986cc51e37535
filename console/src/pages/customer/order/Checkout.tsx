// What the provider wants the customer to do: scan, go to a page, or send a form there.
import { Box, Button, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Order } from '~/api/types';
import { useWords } from '~/i18n';
import { Icon } from '~/ui/Icon';
import { words } from './words';

export function Checkout(props: {
  amount: string;
  show: Order['show'];
  picture?: Order['picture'];
  expires: string;
}) {
  const t = useWords(words);
  const { amount: price, show, picture } = props;
  const left = useLeft(props.expires);
  const address = addressOf(show);
  return (
    <Stack gap="xs" align="flex-start">
      {picture && (
        <>
          <Text fw={600}>{t.scan}</Text>
          <Box bg="white" p={8} style={{ borderRadius: 8 }}>
            <svg
              role="img"
              aria-label={t.qrAlt(price)}
              viewBox={`0 0 ${picture.size} ${picture.size}`}
              width={220}
              height={220}
              shapeRendering="crispEdges"
            >
              <path d={picture.path} fill="#000" />
            </svg>
          </Box>
        </>
      )}
      <Text fw={650} fz={24} className="y-number">
        {price}
      </Text>
      {address && (
        <Button component="a" href={address} rel="noreferrer" rightSection={<Icon name="next" />}>
          {t.goOn}
        </Button>
      )}
      {left !== null && (
        <Text size="sm" c="dimmed">
          {t.left(left)}
        </Text>
      )}
    </Stack>
  );
}

/** Where the provider's page is: a form is taken there as an address, as its makers say it may. */
function addressOf(show: Order['show']): string | null {
  // Anything that is not http(s) leads nowhere.
  if (!show?.url || !/^https?:\/\//i.test(show.url)) return null;
  if (show.kind !== 'form') return show.url;
  return `${show.url}?${new URLSearchParams(show.fields ?? {}).toString()}`;
}

/** The time that is left, as 29:59; null once it is over. */
function useLeft(expires: string): string | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  const seconds = Math.floor((Date.parse(expires) - now) / 1000);
  if (seconds <= 0) return null;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
