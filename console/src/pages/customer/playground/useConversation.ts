// The turns of one model. Each is a request to the page's own origin: the policy allows no
// other, and the server is the same. A turn without an answer is no part of what was said.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { asProblem, problemOf } from '~/api/problem';
import { useAccountId } from '~/shell/site';
import { readEvents } from './events';
import { IDLE, type Piece, partOf, type Run } from './run';
import { bodyOf, pathOf, type Said, type Trial } from './trial';
import type { Keyring } from './usePlaygroundKey';

export interface Turn {
  id: number;
  prompt: string;
  pictures: string[];
  run: Run;
}

export interface Conversation {
  turns: Turn[];
  isRunning: boolean;
  /** Ask once more; false when it was refused or stopped without an answer. */
  ask: (trial: Trial, model: string) => Promise<boolean>;
  stop: () => void;
  clear: () => void;
}

export function saidOf(turns: Turn[]): Said[] {
  return turns
    .filter(({ run }) => run.text !== '' && run.state !== 'failed')
    .map(({ prompt, pictures, run }) => ({ prompt, pictures, answer: run.text }));
}

export function useConversation(keyring: Keyring): Conversation {
  const account = useAccountId();
  const queries = useQueryClient();
  const [turns, setTurns] = useState<Turn[]>([]);
  const stopper = useRef<AbortController | null>(null);
  const count = useRef(0);
  useEffect(() => () => stopper.current?.abort(), []);

  const ask = async (trial: Trial, model: string): Promise<boolean> => {
    stopper.current?.abort();
    const controller = new AbortController();
    stopper.current = controller;
    count.current += 1;
    const id = count.current;
    const kept = trial.mode === 'chat' ? turns : [];
    const { prompt, pictures } = trial;
    let run: Run = { ...IDLE, state: 'running' };
    setTurns([...kept, { id, prompt, pictures, run }]);
    const change = (changed: Partial<Run>) => {
      run = { ...run, ...changed };
      const now = run;
      setTurns((all) => all.map((turn) => (turn.id === id ? { ...turn, run: now } : turn)));
    };
    const began = performance.now();
    const elapsed = () => Math.round(performance.now() - began);
    try {
      const response = await fetch(`/v1${pathOf(trial)}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await keyring.now()}`,
          'content-type': 'application/json',
          'accept-language': document.documentElement.lang,
        },
        body: JSON.stringify(bodyOf(trial, model, saidOf(kept))),
        signal: controller.signal,
        credentials: 'omit',
      });
      change({ requestId: response.headers.get('x-request-id') });
      if (!response.ok) {
        const body: unknown = await response.json().catch(() => null);
        if (response.status === 401) keyring.forget();
        throw problemOf(body, response);
      }
      if (response.headers.get('content-type')?.startsWith('text/event-stream') && response.body) {
        for await (const event of readEvents<Piece>(response.body)) {
          change({ ...partOf(event, run), firstMs: run.firstMs ?? elapsed() });
        }
      } else {
        change({ ...partOf((await response.json()) as Piece, run), firstMs: elapsed() });
      }
      change({ state: run.refusal ? 'failed' : 'done', totalMs: elapsed() });
    } catch (reason) {
      const { status, code, message } = asProblem(reason);
      change(
        controller.signal.aborted
          ? { state: 'stopped', totalMs: elapsed() }
          : { state: 'failed', totalMs: elapsed(), refusal: { status, code, message } },
      );
    } finally {
      void queries.invalidateQueries({ queryKey: ['account', account] });
    }
    return run.state === 'done' || run.text !== '';
  };

  return {
    turns,
    isRunning: turns.at(-1)?.run.state === 'running',
    ask,
    stop: () => stopper.current?.abort(),
    clear: () => {
      stopper.current?.abort();
      setTurns([]);
    },
  };
}
