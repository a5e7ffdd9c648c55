import type { Words } from './en.ts'
import { common } from './ja/common.ts'
import { devices } from './ja/devices.ts'
import { home } from './ja/home.ts'
import { live } from './ja/live.ts'
import { parts } from './ja/parts.ts'
import { queue } from './ja/queue.ts'
import { signIn } from './ja/sign-in.ts'
import { verdicts } from './ja/verdicts.ts'
import { wizard } from './ja/wizard.ts'

export const ja: Words = {
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
