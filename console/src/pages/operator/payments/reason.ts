// Why an order is where it is, in words; what has none is shown as it is.

/** The state in words: what a person has dismissed waits for nobody. */
export function stateOf(order: { state: string; reason: string }): string {
  return order.state === 'review' && order.reason.startsWith('dismissed')
    ? 'dismissed'
    : order.state;
}

export function reasonOf(reason: string, words: Record<string, string>): string {
  const [code = ''] = reason.split(':');
  if (code === 'dismissed') return reason.slice(code.length + 1).trim();
  return words[code] ?? reason;
}
