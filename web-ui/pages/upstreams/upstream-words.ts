import { isKey, t } from '../../words/language.ts'

/** A word of the box in the language of the page; one that is not known yet stands for itself. */
const worded = (key: string, word: string): string => (isKey(key) ? t(key) : word)

export const stateWord = (state: string): string =>
  worded(`upstreams.state-${state.replaceAll(' ', '-')}`, state)
export const kindWord = (kind: string): string => worded(`kind.${kind}`, kind)
export const credentialWord = (kind: string): string => worded(`upstreams.credential-${kind}`, kind)
