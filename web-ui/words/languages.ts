import { en, type Words } from './en.ts'

/** Languages by their own names; every one but English is loaded when it is chosen. */
export const languages = {
  en: { name: 'English', load: async (): Promise<Words> => en },
  de: { name: 'Deutsch', load: async (): Promise<Words> => (await import('./de.ts')).de },
  fr: { name: 'Français', load: async (): Promise<Words> => (await import('./fr.ts')).fr },
  it: { name: 'Italiano', load: async (): Promise<Words> => (await import('./it.ts')).it },
  ja: { name: '日本語', load: async (): Promise<Words> => (await import('./ja.ts')).ja },
  ar: { name: 'العربية', load: async (): Promise<Words> => (await import('./ar.ts')).ar },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly load: () => Promise<Words> }>>
export type Language = keyof typeof languages

export const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag)

export const loadWords = (tag: Language): Promise<Words> => languages[tag].load()
