import type { Words } from './en.ts'
import { common } from './fr/common.ts'
import { devices } from './fr/devices.ts'
import { home } from './fr/home.ts'
import { live } from './fr/live.ts'
import { parts } from './fr/parts.ts'
import { queue } from './fr/queue.ts'
import { signIn } from './fr/sign-in.ts'
import { verdicts } from './fr/verdicts.ts'
import { wizard } from './fr/wizard.ts'

export const fr: Words = {
  ...common,
  ...devices,
  ...home,
  ...live,
  ...parts,
  ...queue,
  ...signIn,
  ...verdicts,
  ...wizard,
}
