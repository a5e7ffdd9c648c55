import type { Words } from './en.ts'

/** Languages by their own names. */
export const languages = {
  en: { name: 'English' },
  de: { name: 'Deutsch' },
  fr: { name: 'Français' },
  it: { name: 'Italiano' },
  ja: { name: '日本語' },
  ar: { name: 'العربية' },
} as const satisfies Readonly<Record<string, { readonly name: string }>>
export type Language = keyof typeof languages

export const isLanguage = (tag: string): tag is Language => Object.hasOwn(languages, tag)

/** The files of each language: a page loads those that it says, see `pages.ts`. */
export const themes = [
  'answers',
  'common',
  'devices',
  'fleet',
  'health',
  'home',
  'live',
  'more',
  'network',
  'papers',
  'parts',
  'people',
  'queue',
  'settings',
  'sign-in',
  'update',
  'upstreams',
  'verdicts',
  'wizard',
] as const
export type Theme = (typeof themes)[number]

/** The bundler makes a file of each that the template names. */
export async function loadWords(tag: Language, some: Iterable<Theme>): Promise<Partial<Words>> {
  const modules: readonly Readonly<Record<string, Partial<Words>>>[] = await Promise.all(
    [...some].map((theme) => import(`./${tag}/${theme}.ts`)),
  )
  return Object.assign({}, ...modules.flatMap((module) => Object.values(module)))
}
