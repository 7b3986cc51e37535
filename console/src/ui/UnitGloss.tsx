// What the unit of the ledger is, said above the first place where a page shows it: people read
// it as a model's token. The page's own text decides, whichever part of it writes the word.
import { Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { money } from '~/format/format';
import { useWords } from '~/i18n';
import { shell } from '~/i18n/shell';
import { useCurrency } from '~/shell/site';

const ONE_MICROS = 1_000_000;
const CREDENTIAL = '密钥';

export function UnitGloss() {
  const t = useWords(shell);
  const currency = useCurrency();
  const own = useRef<HTMLParagraphElement>(null);
  const [isShown, setIsShown] = useState(false);
  useEffect(() => {
    const page = own.current?.closest('main');
    if (!page || isShown) return;
    const look = () => {
      if (shows(page.textContent, currency.unit)) setIsShown(true);
    };
    look();
    const observer = new MutationObserver(look);
    observer.observe(page, { childList: true, subtree: true, characterData: true });
    return () => observer.disconnect();
  }, [currency.unit, isShown]);
  return (
    <Text ref={own} size="sm" c="dimmed" data-gloss="" hidden={!isShown}>
      {isShown && t.gloss(currency.unit, money(ONE_MICROS, currency))}
    </Text>
  );
}

/** Whether a text has the unit, other than as part of the credential's name. */
function shows(text: string, unit: string): boolean {
  return text.split(unit).some((after, place) => place > 0 && !after.startsWith(CREDENTIAL));
}
