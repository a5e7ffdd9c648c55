import { signal } from '@preact/signals'
import { en, type Key, type Words } from './en.ts'
import { isLanguage, type Language, loadWords } from './languages.ts'
import type { Text } from './words.ts'

const remembered = 'language'
const rightToLeft: ReadonlySet<string> = new Set(['ar'])

const words = signal<Words>(en)
export const language = signal<Language>('en')
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

async function useLanguage(tag: Language): Promise<void> {
  words.value = await loadWords(tag)
  plurals = new Intl.PluralRules(tag)
  language.value = tag
  document.documentElement.lang = tag
  document.documentElement.dir = rightToLeft.has(tag) ? 'rtl' : 'ltr'
}

export type Parameters = Readonly<Record<string, string | number>>

/** The text of a key in the language that is chosen; `{name}` is filled in. Numbers are written as that language does. */
export function t(key: Key, parameters: Parameters = {}): string {
  return filled(formOf(words.value[key], parameters), parameters)
}

function formOf(text: Text, { count }: Parameters): string {
  if (typeof text === 'string') return text
  return text[plurals.select(Number(count))] ?? text.other
}

const filled = (text: string, parameters: Parameters): string =>
  text.replace(/\{([\w-]+)\}/g, (whole, name: string) => {
    const value = parameters[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? formatNumber(value) : value
  })

/** Beyond a million nobody counts any more. */
export const formatNumber = (value: number): string =>
  new Intl.NumberFormat(language.value, value >= 1e6 ? { notation: 'compact' } : {}).format(value)
