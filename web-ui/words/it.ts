import type { Words } from './en.ts'
import { common } from './it/common.ts'
import { devices } from './it/devices.ts'
import { health } from './it/health.ts'
import { home } from './it/home.ts'
import { live } from './it/live.ts'
import { more } from './it/more.ts'
import { papers } from './it/papers.ts'
import { parts } from './it/parts.ts'
import { people } from './it/people.ts'
import { queue } from './it/queue.ts'
import { settings } from './it/settings.ts'
import { signIn } from './it/sign-in.ts'
import { upstreams } from './it/upstreams.ts'
import { verdicts } from './it/verdicts.ts'
import { wizard } from './it/wizard.ts'

export const it: Words = {
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
