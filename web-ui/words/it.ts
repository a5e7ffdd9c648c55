import type { Words } from './en.ts'
import { common } from './it/common.ts'
import { devices } from './it/devices.ts'
import { home } from './it/home.ts'
import { live } from './it/live.ts'
import { parts } from './it/parts.ts'
import { queue } from './it/queue.ts'
import { signIn } from './it/sign-in.ts'
import { verdicts } from './it/verdicts.ts'
import { wizard } from './it/wizard.ts'

export const it: Words = {
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
