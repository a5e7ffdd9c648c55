import type { Clock } from '../core/clock.ts'
import { costsOf, type MonthUse, monthOf } from '../core/month-use.ts'
import type { Done, UpstreamView } from '../core/operations.ts'
import type { Setup, UpstreamSetup } from '../core/setup.ts'
import {
  type RowChange,
  type SettingsSheet,
  type SetupPageOperations,
  settingsTables,
  type UpstreamSheet,
  type UpstreamUse,
} from '../core/setup-operations.ts'
import type { Spool } from '../core/spool.ts'
import { day } from '../core/time.ts'
import { routeOf } from '../settings/candidate.ts'
import { lean } from '../settings/print.ts'
import { rowPlace } from '../settings/problem.ts'
import { addUpstreamRow, editTable, editUpstreamRow, removeUpstreamRow } from '../settings/row-edits.ts'
import type { Settings } from '../settings/settings.ts'
import { editAnswer } from './edit-answers.ts'
import { noUpstream } from './no-upstream.ts'

interface SetupPagesWorld {
  readonly settings: Settings
  readonly spool: Pick<Spool, 'monthUse'>
  readonly clock: Clock
  readonly upstreams: () => Promise<readonly UpstreamView[]>
}

/** Ways out and the box's own settings as pages show and change them. */
export function setupPages(world: SetupPagesWorld): SetupPageOperations {
  const { settings } = world
  const options = (who: string, revision: number | undefined) => ({
    who,
    ...(revision !== undefined && { revision }),
  })
  const placeOf = (name: string) => ({
    place: rowPlace('upstream', indexOf(settings, name), name),
    unknown: noUpstream(name).reason,
  })
  return {
    upstreamSheet: (name) => upstreamSheet(name, world),
    editUpstream: async (name, change, who, revision) =>
      editAnswer(editUpstreamRow(settings, name, change, options(who, revision)), placeOf(name)),
    addUpstream: async (row, who, revision) => {
      const name = typeof row['name'] === 'string' ? row['name'].slice(0, 64) : undefined
      const place = rowPlace('upstream', settings.document.upstream.length, name)
      return editAnswer(addUpstreamRow(settings, row, options(who, revision)), { place, unknown: '' })
    },
    removeUpstream: async (name, who, revision) => {
      const place = placeOf(name)
      return editAnswer(removeUpstreamRow(settings, name, options(who, revision)), place)
    },
    settingsSheet: async () => settingsSheet(settings),
    editSettings: async (table, change, who, revision) =>
      editAnswer(editTable(settings, table, change, options(who, revision)), { place: table, unknown: '' }),
  }
}

const indexOf = ({ document }: Settings, name: string): number =>
  document.upstream.findIndex((row) => row.name === name)

function settingsSheet({ document, revision }: Settings): SettingsSheet {
  const tables = settingsTables.map((table) => [table, plain(document[table])] as const)
  // Every table of the list has its entry.
  return { tables: Object.fromEntries(tables) as SettingsSheet['tables'], revision }
}

/** Values of a document as JSON carries them. */
const plain = (row: object): RowChange => JSON.parse(JSON.stringify(row))

async function upstreamSheet(
  name: string,
  { settings, spool, clock, upstreams }: SetupPagesWorld,
): Promise<Done<{ readonly sheet: UpstreamSheet }>> {
  const { setup } = settings
  const upstream = setup.upstreams.find((each) => each.name === name)
  const rows: unknown = lean(settings.document)['upstream']
  const row: unknown = Array.isArray(rows) ? rows[indexOf(settings, name)] : undefined
  if (!upstream || typeof row !== 'object' || row === null) return noUpstream(name)
  const view = (await upstreams()).find((each) => each.name === name)
  const month = monthOf(clock.wall())
  const uses = (await spool.monthUse(month)).filter((use) => use.upstream === name)
  const sheet: UpstreamSheet = {
    settings: plain(row),
    quota: view?.quota ?? [],
    forecast: view?.forecast ?? { kind: 'nothing-waits' },
    use: useOf(month, uses, upstream, clock),
    devices: devicesBy(name, setup),
    revision: settings.revision,
  }
  return { kind: 'done', sheet }
}

function useOf(month: string, uses: readonly MonthUse[], upstream: UpstreamSetup, clock: Clock): UpstreamUse {
  const sum = (of: (use: MonthUse) => number): number => uses.reduce((total, use) => total + of(use), 0)
  const [cost = upstream.price && { amount: 0, currency: upstream.price.currency }] = costsOf(uses, [
    upstream,
  ])
  const begin = Date.parse(`${month}-01T00:00:00Z`)
  const next = new Date(begin)
  next.setUTCMonth(next.getUTCMonth() + 1)
  // The first day says nothing about thirty.
  const gone = (clock.wall() - begin) / (next.getTime() - begin)
  const isEarly = clock.wall() - begin < 1 * day
  return {
    month,
    mails: sum(({ mails }) => mails),
    recipients: sum(({ recipients }) => recipients),
    octets: sum(({ octets }) => octets),
    failed: sum(({ failed }) => failed),
    cost,
    expected: cost && !isEarly ? { ...cost, amount: cost.amount / gone } : undefined,
  }
}

const devicesBy = (name: string, setup: Setup): readonly string[] =>
  setup.devices
    .filter((device) => routeOf(setup, device).some((upstream) => upstream.name === name))
    .map((device) => device.name)
