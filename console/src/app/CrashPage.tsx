// A page that broke: its error, and a way on.
import { ErrorState } from '~/ui/States';
import { reloadWhenThere } from './reach';

export function CrashPage(props: { error: unknown; reset: () => void }) {
  return <ErrorState error={props.error} onRetry={() => void reloadWhenThere()} />;
}
