import { randomInt } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Cured, CureOperations, CureOptions, CureView } from '../core/cure-operations.ts'
import type { AdoptionWish, DeviceCard, Done, Operations, Refused } from '../core/operations.ts'
import { boundsOf } from '../core/recipient-bounds.ts'
import { day, wallMs } from '../core/time.ts'
import type { VerdictCode } from '../core/verdict.ts'
import { isOfBox } from '../settings/cured-document.ts'
import type { CureOccasion, Cures, KeptCure } from '../settings/cures.ts'
import type { Settings } from '../settings/settings.ts'
import { type CureEnd, type CurePlan, planCure } from './cure-plan.ts'
import { done } from './settings-operations.ts'

export interface CureParts {
  readonly settings: Settings
  readonly cures: Cures
  readonly clock: Pick<Clock, 'wall' | 'isBelievable'>
  readonly operations: () => Pick<Operations, 'session' | 'sightings' | 'adopt'>
}

/** What stays can be undone for so long. */
const undoMs = 30 * day

/** Cures of sessions' verdicts. */
export function cureOperations(parts: CureParts): CureOperations {
  const { cures, clock } = parts
  return {
    cure: (session, who, options) => cure(parts, session, who, options),
    undoCure: async (id, who, { mayChangeBox }) => {
      const kept = living(cures, clock).find((one) => one.id === id || one.session === id)
      if (!kept) return refused(`there is no cure ${id} that could be undone`)
      if (!mayChangeBox && kept.changes.some(isOfBox))
        return refused('it changed a setting of the whole box: an administrator undoes it')
      return undo(cures, kept, who)
    },
    cures: async () => living(cures, clock).map(viewOf),
  }
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })

const living = (cures: Cures, clock: CureParts['clock']): readonly KeptCure[] =>
  cures.list().filter(({ keptUntil }) => !clock.isBelievable() || keptUntil > clock.wall())

const viewOf = ({ id, session, code, who, at, until, texts }: KeptCure): CureView => ({
  id,
  session,
  code,
  who,
  at,
  until,
  changes: texts,
})

async function cure(
  parts: CureParts,
  session: string,
  who: string,
  options: CureOptions,
): Promise<Done<Cured>> {
  const { settings, clock } = parts
  const verdict = (await parts.operations().session(session))?.verdict
  if (!verdict) return refused(`there is no session ${session} with a verdict`)
  if (!verdict.cure) return refused(`${verdict.code}: ${verdict.sentence} No setting would help.`)
  const world = { setup: settings.setup, now: clock.wall(), isClockBelievable: clock.isBelievable() }
  const plan = planCure(verdict.cure, options, world)
  if (plan.kind === 'refused') return plan
  const occasion = occasionOf(parts, session, verdict.code, who, plan.end)
  return plan.kind === 'edit' ? change(parts, plan, occasion) : adopt(parts, plan, occasion, options)
}

function occasionOf(
  { clock }: CureParts,
  session: string,
  code: VerdictCode,
  who: string,
  { until, endsItself }: CureEnd,
): CureOccasion {
  const at = clock.wall()
  return { id: newId(), session, code, who, at, until, endsItself, keptUntil: until ?? wallMs(at + undoMs) }
}

/** As long as a session's: fifty bits. */
const newId = (): string => Array.from({ length: 10 }, () => randomInt(32).toString(32)).join('')

function change(
  { cures }: CureParts,
  { edit }: Extract<CurePlan, { kind: 'edit' }>,
  occasion: CureOccasion,
): Done<Cured> {
  const result = cures.apply(edit, occasion)
  if (result.kind === 'holds') return refused('it holds already: let the device try again')
  if (result.kind === 'full')
    return refused(`${result.most} cures wait for their end: take back those that are not needed any more`)
  if (result.kind === 'done') return { kind: 'done', cure: viewOf(result.kept) }
  const trouble = done(result, `there is no device ${edit.device ?? ''} any more`)
  return trouble.kind === 'refused' ? trouble : refused('nothing was changed')
}

async function adopt(
  parts: CureParts,
  { wish }: Extract<CurePlan, { kind: 'adopt' }>,
  occasion: CureOccasion,
  options: CureOptions,
): Promise<Done<Cured>> {
  const operations = parts.operations()
  const seen = (await operations.sightings()).find(({ address }) => address === wish.address)
  const full: AdoptionWish = {
    ...wish,
    name: options.name,
    // An address alone can be taken by anybody's computer; where the hardware is known it has to agree.
    pinMac: seen !== undefined && seen.mac !== '' && !seen.triedAuth,
    passwordless: false,
    ...(!options.mayChangeBox && { allowedRecipients: boundsOf(parts.settings.setup.devices) }),
  }
  const adopted = await operations.adopt(full, occasion.who)
  if (adopted.kind === 'refused') return adopted
  const { card, username, password } = adopted
  const shown: DeviceCard = {
    card,
    ...(username !== undefined && password !== undefined && { username, password }),
  }
  const kept = parts.cures.keepMade(options.name ?? `Device at ${wish.address}`, occasion)
  return { kind: 'done', cure: viewOf(kept), card: shown }
}

function undo(cures: Cures, kept: KeptCure, who: string): Done<{ readonly changes: readonly string[] }> {
  const undone = cures.undo(kept, who)
  if (undone.kind === 'done') return { kind: 'done', changes: undone.texts }
  if (undone.kind === 'overtaken')
    return refused(`${undone.what} was changed since, or is gone: nothing was put back`)
  const trouble = done(undone, 'nothing to put back')
  return trouble.kind === 'refused' ? trouble : refused('nothing was put back')
}
