// How a channel is: off, in order, or paused after errors.
import { Badge } from '@mantine/core';
import type { ChannelView } from '~/api/types';
import { useWords } from '~/i18n';
import { words as channelsWords } from '~/pages/operator/channels/words';

const COLORS = { ok: 'green', open: 'red', unknown: 'yellow' };

export function HealthBadge({ channel }: { channel: Pick<ChannelView, 'is_enabled' | 'health'> }) {
  const t = useWords(channelsWords);
  return (
    <Badge variant="light" color={channel.is_enabled ? COLORS[channel.health] : 'gray'}>
      {channel.is_enabled ? t.health[channel.health] : t.off}
    </Badge>
  );
}
