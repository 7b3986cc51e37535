// One request to the API with a key that lives an hour and is made when first needed. It
// goes to the page's own origin: the policy allows no other, and the server is the same.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, call } from '~/api/client';
import { asProblem, problemOf } from '~/api/problem';
import type { PlaygroundKey } from '~/api/types';
import { useAccountId } from '~/shell/site';
import { readEvents } from './events';
import { bodyOf, pathOf, type Trial } from './trial';

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

const IDLE: Run = {
  state: 'idle',
  text: '',
  reasoning: '',
  requestId: null,
  firstMs: null,
  totalMs: null,
  spent: null,
  refusal: null,
};
const KEY_MARGIN_MS = 60_000;

export function useRun() {
  const account = useAccountId();
  const queries = useQueryClient();
  const [run, setRun] = useState<Run>(IDLE);
  const kept = useRef<PlaygroundKey | null>(null);
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);

  const keyNow = async (): Promise<string> => {
    if (kept.current === null || Date.parse(kept.current.expires) - KEY_MARGIN_MS < Date.now()) {
      kept.current = await call<PlaygroundKey>(
        api.POST('/api/accounts/{account}/playground-key', { params: { path: { account } } }),
      );
    }
    return kept.current.key;
  };

  const start = async (trial: Trial): Promise<void> => {
    stopper.current?.abort();
    const controller = new AbortController();
    stopper.current = controller;
    const change = (changed: (before: Run) => Partial<Run>) => {
      if (stopper.current === controller) setRun((before) => ({ ...before, ...changed(before) }));
    };
    setRun({ ...IDLE, state: 'running' });
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    try {
      const response = await fetch(`/v1${pathOf(trial)}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await keyNow()}`,
          'content-type': 'application/json',
          'accept-language': document.documentElement.lang,
        },
        body: JSON.stringify(bodyOf(trial)),
        signal: controller.signal,
        credentials: 'omit',
      });
      change(() => ({ requestId: response.headers.get('x-request-id') }));
      if (!response.ok) {
        const body: unknown = await response.json().catch(() => null);
        if (response.status === 401) kept.current = null;
        throw problemOf(body, response);
      }
      if (response.headers.get('content-type')?.startsWith('text/event-stream') && response.body) {
        for await (const event of readEvents<Piece>(response.body)) {
          change((before) => ({ ...partOf(event, before), firstMs: before.firstMs ?? elapsed() }));
        }
      } else {
        const body = (await response.json()) as Piece;
        change((before) => ({ ...partOf(body, before), firstMs: elapsed() }));
      }
      change((before) => ({ state: before.refusal ? 'failed' : 'done', totalMs: elapsed() }));
    } catch (reason) {
      const { status, code, message } = asProblem(reason);
      change(() =>
        controller.signal.aborted
          ? { state: 'stopped', totalMs: elapsed() }
          : { state: 'failed', totalMs: elapsed(), refusal: { status, code, message } },
      );
    } finally {
      void queries.invalidateQueries({ queryKey: ['account', account] });
    }
  };

  return { run, start, stop: () => stopper.current?.abort() };
}

interface Piece {
  choices?: {
    text?: string;
    delta?: { content?: string | null; reasoning_content?: string | null };
    message?: { content?: string | null; reasoning_content?: string | null };
  }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number; charge?: number } | null;
  error?: { code?: string; message?: string };
}

/** What one event, or the whole answer, adds to a run. */
function partOf(piece: Piece, before: Run): Partial<Run> {
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
