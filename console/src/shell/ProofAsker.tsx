// Asks who is there before something that matters; the call that wanted it then goes on.
import { useEffect, useRef, useState } from 'react';
import { askForProofBy } from '~/api/proof';
import { fetchedLater, Later } from '~/ui/later';

const ProofDialog = fetchedLater(() =>
  import('./ProofDialog').then((module) => module.ProofDialog),
);

export function ProofAsker() {
  const [isOpen, setOpen] = useState(false);
  const answer = useRef<(isProven: boolean) => void>(() => {});
  useEffect(() => {
    askForProofBy(
      () =>
        new Promise((resolve) => {
          answer.current = resolve;
          setOpen(true);
        }),
    );
    return () => askForProofBy(null);
  }, []);
  const end = (isProven: boolean) => {
    setOpen(false);
    answer.current(isProven);
  };
  return <Later dialog={ProofDialog} props={{ opened: isOpen, onEnd: end }} />;
}
