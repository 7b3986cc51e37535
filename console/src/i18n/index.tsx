// The language in use, and the hooks that give pages their texts in it. A page's own texts
// are in its `words.ts`; those that all pages share are in `shell.ts`.
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { speak } from '~/api/client';
import type { Dictionary, Language } from './defineWords';
import { shell } from './shell';

export type { Language };
export const LANGUAGES: Record<Language, string> = { zh: '中文', en: 'English' };

/** What every component may say; a page adds its own with `useWords`. */
export interface Texts {
  shell: typeof shell.zh;
}

/** A page's texts, and the shared ones as `shell`. */
export type Words<Source> = Source extends Dictionary<infer Own> ? Own & Texts : never;

const KEPT_AS = 'yiyuan.language';

export interface Speaking {
  language: Language;
  t: Texts;
  setLanguage: (language: Language) => void;
}

const Context = createContext<Speaking | null>(null);

/** The address's language, once; else the one chosen before, the server's or the browser's. */
function firstLanguage(): Language {
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

export function SpeakingProvider(props: { children: ReactNode }) {
  const [language, setState] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    speak(language);
  }, [language]);
  const setLanguage = useCallback((chosen: Language) => {
    localStorage.setItem(KEPT_AS, chosen);
    setState(chosen);
  }, []);
  const value = useMemo(
    () => ({ language, t: { shell: shell[language] }, setLanguage }),
    [language, setLanguage],
  );
  return <Context.Provider value={value}>{props.children}</Context.Provider>;
}

export function useSpeaking(): Speaking {
  const speaking = useContext(Context);
  if (speaking === null) throw new Error('there is no language here');
  return speaking;
}

/** The shared texts in the language in use. */
export function useTexts(): Texts {
  return useSpeaking().t;
}

/** A page's texts in the language in use, with the shared ones as `shell`. */
export function useWords<Own extends object>(words: Dictionary<Own>): Own & Texts {
  const { language, t } = useSpeaking();
  return useMemo(() => ({ ...words[language], ...t }), [words, language, t]);
}

/** The language that a person's account names, unless another was chosen in this browser. */
export function usePreferred(language: string | null): void {
  const { setLanguage } = useSpeaking();
  useEffect(() => {
    if (isLanguage(language) && localStorage.getItem(KEPT_AS) === null) setLanguage(language);
  }, [language, setLanguage]);
}
