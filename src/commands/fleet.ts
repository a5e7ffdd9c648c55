import type { FleetBoxView, FleetView, Managed } from '../core/fleet.ts'
import { ownedRowTables } from '../core/fleet.ts'
import type { ToldBox } from '../core/head-office.ts'
import type { Operations } from '../core/operations.ts'
import { second, type WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import type { OfficeChoice } from './fleet-office.ts'
import type { Paint } from './paint.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { localTime } from './times.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `fleet status` */
export function fleetStatus(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const view = await operations.fleet()
    await show(call, view, () => viewLines(view, call.world.clock.wall()))
    return done
  })
}

/** `fleet pull` */
export function fleetPull(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const pulled = await operations.pullFleet(call.world.who)
    if (pulled.kind === 'refused') return refusedBy(pulled)
    await show(call, pulled.view, () => viewLines(pulled.view, call.world.clock.wall()))
    return done
  })
}

/** `fleet identity` */
export function fleetIdentity(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const identity = await operations.fleetIdentity()
    if (identity.kind === 'refused') return refusedBy(identity)
    await show(call, identity, () => [identity.identity])
    return done
  })
}

/** `fleet boxes` */
export async function fleetBoxes(call: Call, { folder, statuses }: OfficeChoice): Promise<Verdict> {
  if (statuses !== undefined) return toldBoxes(call, folder, statuses)
  return onBox(call, async (operations) => {
    const boxes = await knownBoxes(operations)
    const now = call.world.clock.wall()
    await show(call, boxes, (paint) => boxLines(boxes, now, paint))
    return done
  })
}

const lookMs = second / 2
/** A box that is silent is one after that; who waits longer sees that of the others nothing is known yet. */
const mostLooks = 24

/** The gateway answers at once, with what it knows; for a person who asks once, the first answers are waited for. */
async function knownBoxes({ fleetBoxes: ask }: Operations): Promise<readonly FleetBoxView[]> {
  for (let looks = 1; ; looks += 1) {
    const boxes = await ask()
    if (looks >= mostLooks || boxes.every(({ mood }) => mood !== 'unknown')) return boxes
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

async function toldBoxes(call: Call, folder: string, statuses: string): Promise<Verdict> {
  const office = (await call.world.loadGateway()).headOffice()
  const told = (await office).told(folder, statuses, call.world.clock.wall())
  if (told.kind === 'refused') return refusedBy(told)
  await show(call, told.boxes, (paint) => toldLines(told.boxes, paint))
  return done
}

const states = {
  off: 'no head office: everything is the site’s own',
  waiting: 'nothing was published for this box yet',
  current: 'what head office published holds',
  refused: 'what was published last was NOT TAKEN',
  'rolled-back': 'what was published last was GIVEN BACK',
} as const

function viewLines(view: FleetView, now: WallMs): readonly string[] {
  const when = (at: WallMs | undefined): string => (at === undefined ? 'never' : localTime(at, now))
  const { managed, state, reason, detail } = view
  return [
    `state      ${states[state]}${reason === undefined ? '' : ` (${reason}${detail === '' ? '' : `: ${oneLine(detail)}`})`}`,
    ...(managed ? managedLines(managed) : []),
    ...(state === 'off'
      ? []
      : [
          `canary     ${view.canary ? 'yes: what is new is tried here first' : 'no'}`,
          `looked     ${when(view.pulledAt)}${view.pullTrouble === '' ? '' : `; ${oneLine(view.pullTrouble)}`}`,
          `told       ${when(view.toldAt)}${view.tellTrouble === '' ? '' : `; ${oneLine(view.tellTrouble)}`}`,
          `well since ${when(view.healthySince)}`,
        ]),
  ]
}

const managedLines = ({ fleet, contact, serial, tables, rows }: Managed): readonly string[] => [
  `fleet      ${oneLine(fleet)}, serial ${serial}${contact === '' ? '' : `; ask ${oneLine(contact)}`}`,
  ...(tables.length > 0 ? [`managed    ${tables.map((table) => `[${table}]`).join(' ')}`] : []),
  ...ownedRowTables
    .filter((table) => rows[table].length > 0)
    .map((table) => `managed    ${table} ${rows[table].map((name) => JSON.stringify(name)).join(', ')}`),
]

function boxLines(boxes: readonly FleetBoxView[], now: WallMs, paint: Paint): readonly string[] {
  if (boxes.length === 0) return ['There is none: see [[fleet.box]] in docs/reference.md.']
  const rows = boxes.map(({ name, mood, serial, facts, seenAt, trouble }) => [
    name,
    mood,
    serial === 0 ? '' : String(serial),
    seenAt === undefined ? 'never' : localTime(seenAt, now),
    boxSays({ mood, facts, trouble }),
  ])
  return tableLines(titles('SEEN'), rows, paint)
}

function boxSays({ mood, facts, trouble }: Pick<FleetBoxView, 'mood' | 'facts' | 'trouble'>): string {
  if (mood === 'unknown') return 'is being asked'
  if (trouble !== '' || !facts) return oneLine(trouble)
  const { alarms, warnings, waiting, paused } = facts
  return `${alarms} alarms, ${warnings} warnings, ${waiting} mails wait, ${paused} ways out paused`
}

const toldLines = (boxes: readonly ToldBox[], paint: Paint): readonly string[] =>
  tableLines(
    titles('CANARY'),
    boxes.map(({ name, mood, serial, canary, says }) => [
      name,
      mood,
      serial === 0 ? '' : String(serial),
      canary ? 'yes' : '',
      oneLine(says),
    ]),
    paint,
  )

const titles = (fourth: string) => ['BOX', 'STATE', 'SERIAL', fourth, 'SAYS'].map((title) => ({ title }))
