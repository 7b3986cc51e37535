// What a press has fetched stands where the pressed button was, and opens as soon as it is there.
import { useEffect, useRef, useState } from 'react';

export function useOpenedAtOnce() {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    button.current?.focus({ preventScroll: true });
    setOpen(true);
  }, []);
  return { button, isOpen, setOpen };
}
