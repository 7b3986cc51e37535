// Follows an act that takes minutes: the server answers by lines of JSON, progress first and
// the result, or the refusal, last. Leaving the page ends the act; a take can be asked again.
import { asProblem, Problem, problemOf } from '~/api/problem';

export interface Step {
  stage?: string;
  done?: number;
  total?: number;
}

interface Line<Result> {
  progress?: Step;
  result?: Result;
  error?: unknown;
}

export async function follow<Result>(
  asked: Promise<{ data?: unknown; error?: unknown; response: Response }>,
  onStep: (step: Step) => void,
): Promise<Result> {
  try {
    const { data, error, response } = await asked;
    if (!response.ok) throw problemOf(error, response);
    for await (const line of linesOf<Result>(data as ReadableStream<Uint8Array>)) {
      if (line.progress) onStep(line.progress);
      if (line.error) throw problemOf(line, response);
      if (line.result) return line.result;
    }
  } catch (reason) {
    throw asProblem(reason);
  }
  throw new Problem({ code: 'network', message: 'the answer broke off', status: 0 });
}

async function* linesOf<Result>(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line<Result>> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line<Result>;
  }
}
