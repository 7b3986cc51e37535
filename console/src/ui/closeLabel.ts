// What the closing button of a dialog says.
import { useTexts } from '~/i18n';

export function useCloseLabel() {
  return { 'aria-label': useTexts().shell.close };
}
