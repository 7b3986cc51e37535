// Models as lines that a person edits: `gpt-4 = gpt-4.1`, or one name for both.
import type { ChannelView } from '~/api/types';

export interface ModelLink {
  model: string;
  upstream_model: string;
}

export function linesOf(channel: ChannelView | null): string {
  return (channel?.models ?? [])
    .map(({ model, upstream_model }) =>
      model === upstream_model ? model : `${model} = ${upstream_model}`,
    )
    .join('\n');
}

export function readLines(text: string): ModelLink[] {
  return text
    .split('\n')
    .map((line) => line.split('=').map((part) => part.trim()))
    .filter(([model]) => model !== undefined && model !== '')
    .map(([model = '', upstream]) => ({ model, upstream_model: upstream || model }));
}
