import { common } from './ar/common.ts'
import { devices } from './ar/devices.ts'
import { health } from './ar/health.ts'
import { home } from './ar/home.ts'
import { live } from './ar/live.ts'
import { more } from './ar/more.ts'
import { papers } from './ar/papers.ts'
import { parts } from './ar/parts.ts'
import { people } from './ar/people.ts'
import { queue } from './ar/queue.ts'
import { settings } from './ar/settings.ts'
import { signIn } from './ar/sign-in.ts'
import { upstreams } from './ar/upstreams.ts'
import { verdicts } from './ar/verdicts.ts'
import { wizard } from './ar/wizard.ts'
import type { Words } from './en.ts'

export const ar: Words = {
  ...common,
  ...devices,
  ...health,
  ...home,
  ...live,
  ...more,
  ...papers,
  ...parts,
  ...people,
  ...queue,
  ...settings,
  ...signIn,
  ...upstreams,
  ...verdicts,
  ...wizard,
}
