import { common } from './de/common.ts'
import { devices } from './de/devices.ts'
import { health } from './de/health.ts'
import { home } from './de/home.ts'
import { live } from './de/live.ts'
import { more } from './de/more.ts'
import { papers } from './de/papers.ts'
import { parts } from './de/parts.ts'
import { people } from './de/people.ts'
import { queue } from './de/queue.ts'
import { settings } from './de/settings.ts'
import { signIn } from './de/sign-in.ts'
import { upstreams } from './de/upstreams.ts'
import { verdicts } from './de/verdicts.ts'
import { wizard } from './de/wizard.ts'
import type { Words } from './en.ts'

export const de: Words = {
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
