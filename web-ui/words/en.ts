import { common } from './en/common.ts'
import { devices } from './en/devices.ts'
import { live } from './en/live.ts'
import { parts } from './en/parts.ts'
import { queue } from './en/queue.ts'
import { signIn } from './en/sign-in.ts'
import { verdicts } from './en/verdicts.ts'
import type { Translation } from './words.ts'

/** The source of all translations: a key that is not here is in no language. */
export const en = { ...common, ...parts, ...signIn, ...live, ...devices, ...queue, ...verdicts } as const

export type Key = keyof typeof en
export type Words = Translation<typeof en>
