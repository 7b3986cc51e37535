// What the four acts answer, as far as the page shows it. Money is whole 词元.
import type { components } from '~/api/schema';

export type Move = components['schemas']['Move'];
export type Moves = components['schemas']['Moves'];

export interface Note {
  kind: string;
  subject: string;
  text: string;
  blocking: boolean;
}

export interface Probe {
  channel: string;
  name: string;
  status: number | null;
  error?: string;
  missing?: string[];
}

export interface Report {
  name: string;
  program: string;
  version: string;
  rate: string;
  people: number;
  tokens: number;
  channels: number;
  models: number;
  groups: number;
  codes: number;
  balance: { micros: number };
  notes: Note[];
  notes_total: number;
  probes?: Probe[];
}

export interface Equality {
  name: string;
  ok: boolean;
  detail: string;
  faults: string[];
  faults_total: number;
}

export interface Checked {
  ok: boolean;
  name: string;
  equalities: Equality[];
}

export interface Opened {
  name: string;
  opened: number;
  left_suspended: number;
}

/** What the last act came to. */
export type Outcome =
  | { act: 'look' | 'take'; report: Report }
  | { act: 'check'; checked: Checked }
  | { act: 'open'; opened: Opened };
