import { en, type Key } from '../../words/en.ts'
import { t } from '../../words/language.ts'

/** A word of the box in the language of the page; one that is not known yet stands for itself. */
function worded(prefix: string, word: string): string {
  const key = `${prefix}${word.replaceAll(' ', '-')}`
  return isKey(key) ? t(key) : word
}

const isKey = (key: string): key is Key => Object.hasOwn(en, key)

export const stateWord = (state: string): string => worded('upstreams.state-', state)
export const kindWord = (kind: string): string => worded('upstreams.kind-', kind)
export const credentialWord = (kind: string): string => worded('upstreams.credential-', kind)
