import type { Words } from './en.ts'
import { common } from './fr/common.ts'
import { devices } from './fr/devices.ts'
import { health } from './fr/health.ts'
import { home } from './fr/home.ts'
import { live } from './fr/live.ts'
import { more } from './fr/more.ts'
import { papers } from './fr/papers.ts'
import { parts } from './fr/parts.ts'
import { people } from './fr/people.ts'
import { queue } from './fr/queue.ts'
import { settings } from './fr/settings.ts'
import { signIn } from './fr/sign-in.ts'
import { upstreams } from './fr/upstreams.ts'
import { verdicts } from './fr/verdicts.ts'
import { wizard } from './fr/wizard.ts'

export const fr: Words = {
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
