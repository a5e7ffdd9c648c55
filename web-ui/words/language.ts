import { signal } from '@preact/signals'
import type { Key, Words } from './en.ts'
import { isLanguage, type Language, loadWords, type Theme } from './languages.ts'
import type { Text } from './words.ts'

const remembered = 'language'
const rightToLeft: ReadonlySet<string> = new Set(['ar'])

/** What the frame says, and every page that was shown. */
const needed = new Set<Theme>(['answers', 'common', 'parts'])
const words = signal<Partial<Words>>({})
export const language = signal<Language>('en')
let wanted: Language = 'en'
let plurals = new Intl.PluralRules('en')

/** As chosen here before, else as the browser prefers; who never chose gets the box's own, see `followBox`. */
export async function beginLanguage(): Promise<void> {
  const tags = [chosen() ?? '', ...navigator.languages.map((tag) => tag.slice(0, 2))]
  await useLanguage(tags.find(isLanguage) ?? 'en')
}

const chosen = (): string | null => localStorage.getItem(remembered)

/** `gateway.language`, where somebody set it: the box knows its people better than a phone that is passed around. */
export async function followBox(tag: string): Promise<void> {
  const short = tag.slice(0, 2).toLowerCase()
  if (chosen() === null && short !== 'en' && isLanguage(short) && short !== language.value)
    await useLanguage(short)
}

export async function chooseLanguage(tag: Language): Promise<void> {
  localStorage.setItem(remembered, tag)
  await useLanguage(tag)
}

/** Done when the words of these themes are there, in the language that is chosen by then. */
export async function needWords(some: readonly Theme[]): Promise<void> {
  for (const theme of some) needed.add(theme)
  await fetchWords()
}

async function useLanguage(tag: Language): Promise<void> {
  wanted = tag
  await fetchWords()
}

/** Again where another language or another page was chosen meanwhile: what is loaded already costs nothing. */
async function fetchWords(): Promise<void> {
  const [tag, count] = [wanted, needed.size]
  const found = await loadWords(tag, needed)
  if (tag !== wanted || count !== needed.size) return fetchWords()
  if (tag === language.value && Object.keys(found).length === Object.keys(words.value).length) return
  words.value = found
  plurals = new Intl.PluralRules(tag)
  language.value = tag
  document.documentElement.lang = tag
  document.documentElement.dir = rightToLeft.has(tag) ? 'rtl' : 'ltr'
}

/** Whether the pages have a text for it: a word of the box may be newer than they are. */
export const isKey = (key: string): key is Key => Object.hasOwn(words.value, key)

export type Parameters = Readonly<Record<string, string | number>>

/** The text of a key in the language that is chosen; `{name}` is filled in. Numbers are written as that language does. */
export function t(key: Key, parameters: Parameters = {}): string {
  return filled(formOf(words.value[key] ?? key, parameters), parameters)
}

function formOf(text: Text, { count }: Parameters): string {
  if (typeof text === 'string') return text
  return text[plurals.select(Number(count))] ?? text.other
}

const filled = (text: string, parameters: Parameters): string =>
  text.replace(/\{([\w-]+)\}/g, (whole, name: string) => {
    const value = parameters[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? formatNumber(value) : isolated(value)
  })

/**
 * What is filled in runs its own way (first strong isolate), and does not decide how its sentence runs: a page from right
 * to left begins many with a name in Latin letters.
 */
const isolated = (value: string): string => (rightToLeft.has(language.value) ? `\u2068${value}\u2069` : value)

/** Beyond a million nobody counts any more. */
export const formatNumber = (value: number): string =>
  new Intl.NumberFormat(language.value, value >= 1e6 ? { notation: 'compact' } : {}).format(value)
