import { answers } from './en/answers.ts'
import { common } from './en/common.ts'
import { devices } from './en/devices.ts'
import { fleet } from './en/fleet.ts'
import { health } from './en/health.ts'
import { home } from './en/home.ts'
import { live } from './en/live.ts'
import { more } from './en/more.ts'
import { network } from './en/network.ts'
import { papers } from './en/papers.ts'
import { parts } from './en/parts.ts'
import { people } from './en/people.ts'
import { queue } from './en/queue.ts'
import { settings } from './en/settings.ts'
import { signIn } from './en/sign-in.ts'
import { update } from './en/update.ts'
import { upstreams } from './en/upstreams.ts'
import { verdicts } from './en/verdicts.ts'
import { wizard } from './en/wizard.ts'
import type { Translation } from './words.ts'

/** The source of all translations: a key that is not here is in no language. */
export const en = {
  ...answers,
  ...common,
  ...devices,
  ...fleet,
  ...health,
  ...home,
  ...live,
  ...more,
  ...network,
  ...papers,
  ...parts,
  ...people,
  ...queue,
  ...settings,
  ...signIn,
  ...update,
  ...upstreams,
  ...verdicts,
  ...wizard,
} as const

export type Key = keyof typeof en
export type Words = Translation<typeof en>
