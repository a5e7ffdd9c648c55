import { common } from './de/common.ts'
import { devices } from './de/devices.ts'
import { home } from './de/home.ts'
import { live } from './de/live.ts'
import { parts } from './de/parts.ts'
import { queue } from './de/queue.ts'
import { signIn } from './de/sign-in.ts'
import { verdicts } from './de/verdicts.ts'
import { wizard } from './de/wizard.ts'
import type { Words } from './en.ts'

export const de: Words = {
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
