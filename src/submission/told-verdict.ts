import { createHmac, randomBytes } from 'node:crypto'
import type { Secrets } from '../core/secret.ts'
import type { Setup } from '../core/setup.ts'
import { type Verdict, verdictCodes } from '../core/verdict.ts'

type Vocabulary = ReadonlySet<string>

/** Of this process only: what is kept in memory is of no use beyond it. */
const salt = randomBytes(32)
const known = new WeakMap<Setup, Promise<Vocabulary>>()
/** Opening a password is some ten microseconds: the others are served between. */
const devicesAtOnce = 32

/**
 * A verdict as it is told to people who only watch. Where it repeats what the device said as an address, and a word of
 * that is the password of some device, it says no more than its code: the password was typed into the wrong field.
 */
export function withoutSaidPasswords(
  verdict: Verdict,
  setup: Setup,
  secrets: Secrets,
): Verdict | Promise<Verdict> {
  if (!repeatsSpeech(verdict)) return verdict
  return vocabularyOf(setup, secrets).then((passwords) =>
    holds(passwords, textsOf(verdict)) ? bare(verdict) : verdict,
  )
}

/** A name of a file of a test mail; empty where it may be a password. */
export async function withoutPassword(text: string, setup: Setup, secrets: Secrets): Promise<string> {
  return holds(await vocabularyOf(setup, secrets), [text]) ? '' : text
}

/** Of senders and recipients the verdict quotes the device. */
const repeatsSpeech = ({ code }: Verdict): boolean => code.startsWith('S') || code.startsWith('R')

const textsOf = ({ sentence, evidence, cure }: Verdict): readonly string[] => [
  sentence,
  ...evidence,
  ...(cure ? [cure.words] : []),
]

const bare = ({ code }: Verdict): Verdict => ({
  code,
  sentence: verdictCodes[code].sentence,
  evidence: [],
  cure: undefined,
})

const holds = (passwords: Vocabulary, texts: readonly string[]): boolean =>
  texts.flatMap(wordsOf).some((word) => passwords.has(digest(word)))

/** What is quoted as a whole, for a password has blanks where the card shows groups; and each word of it. */
const wordsOf = (text: string): readonly string[] => [
  ...[...text.matchAll(/[<"]([^<>"]*)[>"]/g)].map(([, quoted = '']) => quoted),
  ...text.split(/[\s<>"@,;:.…]+/),
  ...text.split(/[\s<>"@]+/),
  text.replace(/\.\w{1,5}$/, ''),
]

function vocabularyOf(setup: Setup, secrets: Secrets): Promise<Vocabulary> {
  const there = known.get(setup) ?? collect(setup, secrets)
  known.set(setup, there)
  return there
}

async function collect({ devices }: Setup, secrets: Secrets): Promise<Vocabulary> {
  const passwords = new Set<string>()
  for (const [index, { password }] of devices.entries()) {
    if (index % devicesAtOnce === 0) await new Promise((resolve) => setImmediate(resolve))
    const opened = password === undefined ? undefined : secrets.open(password)
    if (opened?.kind === 'open') passwords.add(digest(opened.value))
  }
  return passwords
}

/** Cards show a password in groups, and panels begin with a capital. */
const digest = (text: string): string =>
  createHmac('sha256', salt).update(text.replace(/\s/g, '').toLowerCase()).digest('base64')
