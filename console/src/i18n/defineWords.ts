// The texts of one page, or of what pages share, in both languages. The Chinese is the type:
// an English text that is missing, or that takes other values, does not compile.

export type Language = 'zh' | 'en';

export interface Dictionary<Texts extends object> {
  readonly zh: Texts;
  readonly en: Texts;
}

export function defineWords<Texts extends object>(words: {
  zh: Texts;
  en: NoInfer<Texts>;
}): Dictionary<Texts> {
  return words;
}
