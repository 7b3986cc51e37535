// One request of the playground: its state, its text as it comes, and what it cost.

export interface Spent {
  inputTokens: number;
  outputTokens: number;
  micros: number | null;
}

export interface Run {
  state: 'idle' | 'running' | 'done' | 'stopped' | 'failed';
  text: string;
  reasoning: string;
  requestId: string | null;
  firstMs: number | null;
  totalMs: number | null;
  spent: Spent | null;
  refusal: Refusal | null;
}

export interface Refusal {
  status: number;
  code: string;
  message: string;
}

export const IDLE: Run = {
  state: 'idle',
  text: '',
  reasoning: '',
  requestId: null,
  firstMs: null,
  totalMs: null,
  spent: null,
  refusal: null,
};

export interface Piece {
  choices?: {
    text?: string;
    delta?: { content?: string | null; reasoning_content?: string | null };
    message?: { content?: string | null; reasoning_content?: string | null };
  }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number; charge?: number } | null;
  error?: { code?: string; message?: string };
}

/** What one event, or the whole answer, adds to a run. */
export function partOf(piece: Piece, before: Run): Partial<Run> {
  const choice = piece.choices?.[0];
  const said = choice?.delta ?? choice?.message;
  const part: Partial<Run> = {
    text: before.text + (choice?.text ?? said?.content ?? ''),
    reasoning: before.reasoning + (said?.reasoning_content ?? ''),
  };
  if (piece.usage) {
    const {
      prompt_tokens: inputTokens = 0,
      completion_tokens: outputTokens = 0,
      charge = null,
    } = piece.usage;
    part.spent = { inputTokens, outputTokens, micros: charge };
  }
  if (piece.error)
    part.refusal = {
      status: 0,
      code: piece.error.code ?? 'error',
      message: piece.error.message ?? '',
    };
  return part;
}
