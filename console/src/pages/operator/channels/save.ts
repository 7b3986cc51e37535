// What the form of a channel saves: new models with their prices, then the channel.
import { api, call } from '~/api/client';
import type { ChannelView } from '~/api/types';
import type { PriceList } from './priceList';
import { bodyOf, type ChannelValues } from './values';

/** One after the other, so that a refusal names its model; done ones stay, and are skipped next. */
export async function saveModels(models: string[], prices: PriceList): Promise<void> {
  for (const model of models) {
    const given = prices.get(model);
    if (!given) continue;
    const { cached_input: cached, ...price } = given;
    await call(
      api.PUT('/api/operator/models/{model}', {
        params: { path: { model } },
        body: { price: cached === '' ? price : { ...price, cached_input: cached } },
      }),
    );
  }
}

export function saveChannel(
  values: ChannelValues,
  channel: ChannelView | null,
): Promise<ChannelView> {
  const body = bodyOf(values, channel);
  if (channel === null)
    return call<ChannelView>(
      api.POST('/api/operator/channels', { body: { ...body, name: values.name.trim() } }),
    );
  return call<ChannelView>(
    api.PATCH('/api/operator/channels/{channel}', {
      params: { path: { channel: channel.id } },
      body: values.name.trim() === channel.name ? body : { ...body, name: values.name.trim() },
    }),
  );
}
