import { common } from './en/common.ts'
import { devices } from './en/devices.ts'
import { home } from './en/home.ts'
import { live } from './en/live.ts'
import { parts } from './en/parts.ts'
import { queue } from './en/queue.ts'
import { signIn } from './en/sign-in.ts'
import { verdicts } from './en/verdicts.ts'
import { wizard } from './en/wizard.ts'
import type { Translation } from './words.ts'

/** The source of all translations: a key that is not here is in no language. */
export const en = {
  ...common,
  ...devices,
  ...home,
  ...live,
  ...parts,
  ...queue,
  ...signIn,
  ...verdicts,
  ...wizard,
} as const

export type Key = keyof typeof en
export type Words = Translation<typeof en>
