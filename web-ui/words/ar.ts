import { common } from './ar/common.ts'
import { devices } from './ar/devices.ts'
import { home } from './ar/home.ts'
import { live } from './ar/live.ts'
import { parts } from './ar/parts.ts'
import { queue } from './ar/queue.ts'
import { signIn } from './ar/sign-in.ts'
import { verdicts } from './ar/verdicts.ts'
import { wizard } from './ar/wizard.ts'
import type { Words } from './en.ts'

export const ar: Words = {
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
