// Some calls want a proof of who is there that is minutes old. The server refuses them with
// `step_up_required`; then whoever is signed in is asked once, and the call is sent again.

type Asker = () => Promise<boolean>;
let asker: Asker | null = null;

/** Say who asks for a proof: the dialog of the signed-in frame, or nobody. */
export function askForProofBy(next: Asker | null): void {
  asker = next;
}

/** Fetches, and once more after a proof where one was wanted. */
export async function fetchProven(request: Request): Promise<Response> {
  const again = request.method === 'GET' ? null : request.clone();
  const answer = await fetch(request);
  if (again === null || asker === null || answer.status !== 403) return answer;
  const said = (await answer
    .clone()
    .json()
    .catch(() => null)) as { error?: { code?: string } } | null;
  if (said?.error?.code !== 'step_up_required') return answer;
  return (await asker()) ? fetch(again) : answer;
}
