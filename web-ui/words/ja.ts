import type { Words } from './en.ts'
import { common } from './ja/common.ts'
import { devices } from './ja/devices.ts'
import { health } from './ja/health.ts'
import { home } from './ja/home.ts'
import { live } from './ja/live.ts'
import { more } from './ja/more.ts'
import { papers } from './ja/papers.ts'
import { parts } from './ja/parts.ts'
import { people } from './ja/people.ts'
import { queue } from './ja/queue.ts'
import { settings } from './ja/settings.ts'
import { signIn } from './ja/sign-in.ts'
import { upstreams } from './ja/upstreams.ts'
import { verdicts } from './ja/verdicts.ts'
import { wizard } from './ja/wizard.ts'

export const ja: Words = {
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
