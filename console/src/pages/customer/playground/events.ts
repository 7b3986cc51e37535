// Server-sent events of a fetch: the JSON of each `data:` line until `[DONE]`. Lines may be
// cut anywhere between pieces; what is no JSON is left out.

export async function* readEvents<Event>(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split(/\r\n|\n|\r/);
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) {
        if (!line.startsWith('data:')) continue;
        const data = line.slice(5).trim();
        if (data === '[DONE]') return;
        const event = parsed<Event>(data);
        if (event !== null) yield event;
      }
      if (done) return;
    }
  } finally {
    reader.releaseLock();
  }
}

function parsed<Event>(text: string): Event | null {
  try {
    return JSON.parse(text) as Event;
  } catch {
    return null;
  }
}
