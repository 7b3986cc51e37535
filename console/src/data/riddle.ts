// A riddle of ALTCHA, which the server asks for where too many ask at once: the number whose
// SHA-256 with the salt is the given one. The answer goes back as base64 of JSON.
import { api, call } from '~/api/client';
import { asProblem } from '~/api/problem';

interface Riddle {
  algorithm: string;
  challenge: string;
  maxnumber: number;
  salt: string;
  signature: string;
}

const AT_ONCE = 512;

/** Does what is asked, and once more with a solved riddle if the server wants one. */
export async function withRiddle<Answer>(
  ask: (altcha: string | null) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(null);
  } catch (reason) {
    if (asProblem(reason).code !== 'proof_of_work_required') throw reason;
  }
  const riddle = await call<Riddle>(api.POST('/api/sign-up/challenge'));
  return ask(await solve(riddle));
}

async function solve(riddle: Riddle): Promise<string> {
  const encoder = new TextEncoder();
  const salt = riddle.salt.endsWith('&') ? riddle.salt : `${riddle.salt}&`;
  for (let start = 0; start <= riddle.maxnumber; start += AT_ONCE) {
    const tries = Array.from({ length: AT_ONCE }, async (_, at) => {
      const digest = await crypto.subtle.digest('SHA-256', encoder.encode(`${salt}${start + at}`));
      return hex(digest) === riddle.challenge;
    });
    const found = (await Promise.all(tries)).indexOf(true);
    if (found < 0) continue;
    const { algorithm, challenge, salt: given, signature } = riddle;
    return btoa(
      JSON.stringify({ algorithm, challenge, number: start + found, salt: given, signature }),
    );
  }
  return '';
}

function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
