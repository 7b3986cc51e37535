// One typed dictionary per language: zh is the type and en must satisfy it, so a missing
// text does not compile. Only the language in use is loaded.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { speak } from '~/api/client';
import type { Texts } from './zh';

export type Language = 'zh' | 'en';
export type { Texts };
export const LANGUAGES: Record<Language, string> = { zh: '中文', en: 'English' };

const load: Record<Language, () => Promise<Texts>> = {
  zh: async () => (await import('./zh')).zh,
  en: async () => (await import('./en')).en,
};
const KEPT_AS = 'yiyuan.language';

export interface Speaking {
  language: Language;
  t: Texts;
  setLanguage: (language: Language) => void;
}

const Context = createContext<Speaking | null>(null);

/** The address's language, once; else the one chosen before, the server's or the browser's. */
export function firstLanguage(): Language {
  const address = new URL(window.location.href);
  const asked = address.searchParams.get('lang');
  if (isLanguage(asked)) {
    localStorage.setItem(KEPT_AS, asked);
    address.searchParams.delete('lang');
    window.history.replaceState(null, '', address);
  }
  const offered = document.querySelector('meta[name="yiyuan-language"]')?.getAttribute('content');
  return [localStorage.getItem(KEPT_AS), offered].find(isLanguage) ?? 'en';
}

function isLanguage(text: string | null | undefined): text is Language {
  return text === 'zh' || text === 'en';
}

export function loadTexts(language: Language): Promise<Texts> {
  return load[language]();
}

export function SpeakingProvider(props: { language: Language; texts: Texts; children: ReactNode }) {
  const [now, setNow] = useState({ language: props.language, t: props.texts });
  useEffect(() => {
    document.documentElement.lang = now.language === 'zh' ? 'zh-CN' : 'en';
    speak(now.language);
  }, [now.language]);
  const setLanguage = useCallback((language: Language) => {
    localStorage.setItem(KEPT_AS, language);
    void loadTexts(language).then((t) => setNow({ language, t }));
  }, []);
  const value = useMemo(() => ({ ...now, setLanguage }), [now, setLanguage]);
  return <Context.Provider value={value}>{props.children}</Context.Provider>;
}

export function useSpeaking(): Speaking {
  const speaking = useContext(Context);
  if (speaking === null) throw new Error('there is no language here');
  return speaking;
}

/** The texts of the language in use. */
export function useTexts(): Texts {
  return useSpeaking().t;
}

/** The language that a person's account names, unless another was chosen in this browser. */
export function usePreferred(language: string | null): void {
  const { setLanguage } = useSpeaking();
  useEffect(() => {
    if (isLanguage(language) && localStorage.getItem(KEPT_AS) === null) setLanguage(language);
  }, [language, setLanguage]);
}
