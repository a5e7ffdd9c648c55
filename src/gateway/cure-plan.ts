import { type CureOptions, longestCureMs, shortestCureMs, usualMs } from '../core/cure-operations.ts'
import type { AdoptionWish, Refused } from '../core/operations.ts'
import type { DeviceSetup, Setup, TlsFloor } from '../core/setup.ts'
import { day, formatDuration, type WallMs, wallMs } from '../core/time.ts'
import type { Cure, CuringSetting } from '../core/verdict.ts'
import type { CureEdit } from '../settings/cured-document.ts'

export type CurePlan =
  | { readonly kind: 'edit'; readonly edit: CureEdit; readonly end: CureEnd }
  | {
      readonly kind: 'adopt'
      readonly wish: Pick<AdoptionWish, 'address' | 'weak'>
      readonly end: CureEnd
    }
  | Refused

export interface CureEnd {
  /** Undefined: it stays. */
  readonly until: WallMs | undefined
  /** By `weak_until`, without anybody's doing. */
  readonly endsItself: boolean
}

export interface CureWorld {
  readonly setup: Setup
  readonly now: WallMs
  readonly isClockBelievable: boolean
}

/** What a cure does to the settings as they are now: they may have changed since the session. */
export function planCure(cure: Cure, options: CureOptions, world: CureWorld): CurePlan {
  if (cure.kind === 'advice') return refused(`there is nothing to apply here: ${cure.words}`)
  const forMs = options.forMs ?? usualMs(cure)
  if (forMs !== undefined && !world.isClockBelievable)
    return refused('the clock of the box is not set, so nothing can be given an end: set it first')
  if (forMs !== undefined && (forMs < shortestCureMs || forMs > longestCureMs)) {
    const reason = `a cure lasts ${formatDuration(shortestCureMs)} to ${formatDuration(longestCureMs)}`
    return { ...refused(reason), isWrongInput: true }
  }
  return cure.kind === 'adopt' ? planAdoption(cure, forMs, world) : planSetting(cure, forMs, options, world)
}

const refused = (reason: string): Refused => ({ kind: 'refused', reason })

const floors: readonly TlsFloor[] = ['vintage', 'legacy', 'modern']
const isWeaker = (one: TlsFloor, other: TlsFloor): boolean => floors.indexOf(one) < floors.indexOf(other)

/** The settings would refuse it too; here the sentence says whose decision it is. */
function belowFloor(tls: TlsFloor, { setup }: CureWorld): Refused | undefined {
  const { weakestTls } = setup.gateway
  return isWeaker(tls, weakestTls)
    ? refused(`weakest_tls of [gateway] is ${weakestTls}: no tap opens ${tls} encryption`)
    : undefined
}

function planAdoption(
  { address, tls }: Extract<Cure, { kind: 'adopt' }>,
  forMs: number | undefined,
  world: CureWorld,
): CurePlan {
  if (tls === undefined) return { kind: 'adopt', wish: { address }, end: endAfter(forMs, world) }
  const trouble = belowFloor(tls, world)
  if (trouble) return trouble
  const { date, end } = weakUntil(forMs, world)
  return { kind: 'adopt', wish: { address, weak: { tls, until: date } }, end }
}

const endAfter = (forMs: number | undefined, { now }: CureWorld): CureEnd => ({
  until: forMs === undefined ? undefined : wallMs(now + forMs),
  endsItself: false,
})

/** `weak_until` is a day, midnight UTC: the first that is not sooner. */
function weakUntil(forMs = 7 * day, { now }: CureWorld): { readonly date: string; readonly end: CureEnd } {
  const until = wallMs(Math.ceil((now + forMs) / day) * day)
  return { date: new Date(until).toISOString().slice(0, 10), end: { until, endsItself: true } }
}

function planSetting(
  cure: CuringSetting,
  forMs: number | undefined,
  { mayChangeBox }: CureOptions,
  world: CureWorld,
): CurePlan {
  const end = endAfter(forMs, world)
  if (cure.kind === 'setting') {
    if (!mayChangeBox) return refused('this changes a setting of the whole box: it takes an administrator')
    const there = world.setup.gateway.trustedNetworks
    if (there.includes(cure.adds)) return holds
    const adds = [{ key: cure.key, item: cure.adds, there }]
    return { kind: 'edit', edit: { device: undefined, set: {}, adds }, end }
  }
  const device = world.setup.devices.find(({ name }) => name === cure.device)
  if (!device) return refused(`there is no device ${cure.device} any more`)
  return planDevice(cure, device, forMs, world)
}

const holds: Refused = refused('it holds already: let the device try again')

function planDevice(
  cure: Extract<CuringSetting, { kind: 'device-setting' }>,
  device: DeviceSetup,
  forMs: number | undefined,
  world: CureWorld,
): CurePlan {
  const { name } = device
  const set = (values: CureEdit['set']): CurePlan => ({
    kind: 'edit',
    edit: { device: name, set: values, adds: [] },
    end: endAfter(forMs, world),
  })
  switch (cure.key) {
    case 'tls':
      return cure.value === 'plain' ? set({ tls: 'plain' }) : planWeakness(cure.value, device, forMs, world)
    case 'weak_until':
      return device.tls === 'legacy' || device.tls === 'vintage'
        ? planWeakness(device.tls, device, forMs, world)
        : holds
    case 'max_per_hour':
      return device.maxPerHour >= cure.value ? holds : set({ max_per_hour: cure.value })
    case 'enabled':
    case 'data_end':
    case 'mac':
    case 'sender':
      return set({ [cure.key]: cure.value })
    case 'addresses':
      return planAddress(cure, device, forMs, world)
    case 'auth':
      return planAdding(cure.key, cure.adds, device.auth, device, endAfter(forMs, world))
    case 'allowed_recipients':
      return planAdding(cure.key, cure.adds, device.allowedRecipients, device, endAfter(forMs, world))
  }
}

function planWeakness(
  tls: TlsFloor,
  device: DeviceSetup,
  forMs: number | undefined,
  world: CureWorld,
): CurePlan {
  const trouble = belowFloor(tls, world)
  if (trouble) return trouble
  const { date, end } = weakUntil(forMs, world)
  const isOver = device.weakUntil !== '' && world.now >= Date.parse(device.weakUntil)
  const { tls: present } = device
  const isOpen = present !== undefined && present !== 'plain' && !isWeaker(tls, present) && !isOver
  if (isOpen && (device.weakUntil === '' || device.weakUntil >= date)) return holds
  return { kind: 'edit', edit: { device: device.name, set: { tls, weak_until: date }, adds: [] }, end }
}

function planAddress(
  { adds, tls }: Extract<CuringSetting, { key: 'addresses' }>,
  device: DeviceSetup,
  forMs: number | undefined,
  world: CureWorld,
): CurePlan {
  const plan = planAdding('addresses', adds, device.addresses, device, endAfter(forMs, world))
  if (tls === undefined || plan.kind !== 'edit') return plan
  const weaker = planWeakness(tls, device, forMs, world)
  if (weaker.kind !== 'edit') return weaker
  return { ...weaker, edit: { ...weaker.edit, adds: plan.edit.adds } }
}

function planAdding(
  key: string,
  item: string,
  there: readonly string[],
  { name }: DeviceSetup,
  end: CureEnd,
): CurePlan {
  if (there.includes(item)) return holds
  return { kind: 'edit', edit: { device: name, set: {}, adds: [{ key, item, there }] }, end }
}
