// A page that broke: its error, and a way on.

import { reloadWhenThere } from '~/data/reach';
import { ErrorState } from '~/ui/States';

export function CrashPage(props: { error: unknown; reset: () => void }) {
  return <ErrorState error={props.error} onRetry={() => void reloadWhenThere()} />;
}
