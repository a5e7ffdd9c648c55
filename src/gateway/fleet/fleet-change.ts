import type { FleetReason, Managed, OwnedRowTable } from '../../core/fleet.ts'
import type { OwnIdentity } from '../../fleet/box-identity.ts'
import type { Bundle } from '../../fleet/bundle.ts'
import {
  alwaysSite,
  type Before,
  before,
  foreignTables,
  laid,
  misplacedSeals,
  putBack,
} from '../../fleet/parts.ts'
import { isSealed, openSealed } from '../../fleet/seal.ts'
import { isTable, mapTexts, nameOf, rowsIn, type Table } from '../../fleet/tables.ts'
import type { BackupRecords } from '../../settings/backup-records.ts'
import type { Cures, KeptCure } from '../../settings/cures.ts'
import { storedManaged } from '../../settings/managed.ts'
import { checkDocument } from '../../settings/parse.ts'
import { lean } from '../../settings/print.ts'
import { problemText } from '../../settings/problem.ts'
import { secretSlots } from '../../settings/secret-slots.ts'
import type { Settings } from '../../settings/settings.ts'
import { shutDoor } from './shut-door.ts'

export interface ChangeWorld {
  readonly settings: Settings
  readonly records: BackupRecords
  readonly cures: Cures
  /** `192.168.7.5/24`: the networks that this box is in. */
  readonly ownNetworks: () => readonly string[]
}

export type Changed =
  | { readonly kind: 'changed'; readonly changes: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: FleetReason; readonly detail: string }

const refused = (reason: FleetReason, detail: string): Changed => ({ kind: 'refused', reason, detail })
const beforeName = 'fleet-before'

/** What a bundle changed, with the secrets that it wrote over: sealed by the vault. */
interface KeptBefore {
  readonly before: Before
  readonly secrets: readonly ClearSecret[]
  /** Of rows that the bundle wrote over. */
  readonly cures: readonly KeptCure[]
}

interface ClearSecret {
  readonly table: OwnedRowTable
  readonly row: string
  /** `password`, `credential.key`. */
  readonly key: string
  readonly value: string
}

export const headOffice = (serial: number): string => `head office, serial ${serial}`

/** Makes a bundle the truth, whole or not at all; what it wrote over is kept. `remember` is on the disk together with it. */
export function takeBundle(
  bundle: Bundle,
  identity: OwnIdentity | undefined,
  world: ChangeWorld,
  remember: () => void,
): Changed {
  const { settings, records, cures } = world
  const [foreign] = foreignTables(bundle.parts)
  if (foreign !== undefined) return refused('rules', `[${foreign}] is not head office's to set`)
  const [misplaced] = misplacedSeals(bundle.parts)
  if (misplaced !== undefined) return refused('rules', `${misplaced}: is no place for a secret`)
  if (!identity) return refused('vault-locked', 'the vault is locked: nothing can be kept')
  const opened = openParts(bundle, identity)
  if (typeof opened === 'string')
    return refused('sealed', `${opened}: is sealed for another box, or was changed`)
  const document = lean(settings.document)
  const next = laid(document, { ...bundle, parts: opened }, settings.managed)
  const parsed = checkDocument(next.document)
  if (parsed.kind === 'problems') return refused('rules', parsed.problems.map(problemText).join('; '))
  const shut = shutDoor(settings.setup, settings.setupOf(parsed.document), world.ownNetworks())
  if (shut !== undefined) return refused('shut-out', shut)
  const kept = before(document, next.managed, settings.managed)
  return settings.inTransaction(() => {
    const secrets = clearSecrets(settings, kept)
    const options = { who: headOffice(bundle.serial), headOffice: { managed: next.managed } }
    const application = settings.replace(parsed.document, options)
    if (application.kind === 'problems')
      return refused('rules', application.problems.map(problemText).join('; '))
    if (application.kind !== 'applied') throw new Error(`a bundle was ${application.kind}`)
    const gone = overruled(cures, next.managed)
    const wrote: KeptBefore = { before: kept, secrets, cures: gone }
    if (!records.saveSecret(beforeName, JSON.stringify(wrote)))
      throw new Error('the vault was locked while a bundle was taken')
    remember()
    for (const { id } of gone) cures.forget(id)
    return { kind: 'changed', changes: application.changes }
  })
}

function readKept(text: string): KeptBefore {
  const kept: KeptBefore = JSON.parse(text)
  const { managed } = kept.before
  return { ...kept, before: { ...kept.before, managed: managed && storedManaged(managed) } }
}

/** What stood there before the last bundle stands there again. */
export function giveBack(
  { settings, records, cures }: ChangeWorld,
  who: string,
  remember: () => void,
): Changed {
  const kept = records.secret(beforeName)
  if (kept?.kind !== 'open') return refused('vault-locked', 'what stood there before can not be opened')
  const { before: last, secrets, cures: gone } = readKept(kept.value)
  const { managed } = settings
  const hasOwn = ({ table, row, key }: ClearSecret): boolean =>
    table === 'device' && alwaysSite(row, managed, last.managed).some((each) => each === key)
  const back = putBack(lean(settings.document), last, managed)
  const document = withClear(
    back,
    secrets.filter((secret) => !hasOwn(secret)),
  )
  const parsed = checkDocument(document)
  if (parsed.kind === 'problems') return refused('rules', parsed.problems.map(problemText).join('; '))
  return settings.inTransaction(() => {
    const application = settings.replace(parsed.document, { who, headOffice: { managed: last.managed } })
    if (application.kind === 'problems')
      return refused('rules', application.problems.map(problemText).join('; '))
    if (application.kind !== 'applied') throw new Error(`what was before was ${application.kind}`)
    remember()
    cures.remember(gone)
    return { kind: 'changed', changes: application.changes }
  })
}

/** A bundle's parts with its secrets in clear, or the place of the one that this box can't open. */
function openParts({ parts, box }: Bundle, identity: OwnIdentity): Table | string {
  const closed: string[] = []
  const opened = mapTexts(parts, (text, place) => {
    if (!isSealed(text)) return text
    const secret = openSealed(box, identity, text)
    if (secret === undefined) closed.push(place)
    return secret ?? ''
  })
  return closed[0] ?? (isTable(opened) ? opened : {})
}

function clearSecrets(settings: Settings, { rows }: Before): readonly ClearSecret[] {
  return secretSlots(settings.document).flatMap(({ table, row, key, name, value }) => {
    if (table === 'network' || table === 'fleet' || value === undefined) return []
    if (!Object.hasOwn(rows[table]?.rows ?? {}, row)) return []
    const opened = settings.open(name)
    return opened.kind === 'open' ? [{ table, row, key, value: opened.value }] : []
  })
}

function withClear(document: Table, secrets: readonly ClearSecret[]): Table {
  let next = document
  for (const { table, row: name, key, value } of secrets) {
    const rows = rowsIn(next, table).map((row) =>
      nameOf(row) === name ? put(row, key.split('.'), value) : row,
    )
    next = { ...next, [table]: rows }
  }
  return next
}

function put(row: Table, [key = '', ...rest]: readonly string[], value: string): Table {
  const inner = row[key]
  return { ...row, [key]: rest.length === 0 ? value : put(isTable(inner) ? inner : {}, rest, value) }
}

/** Head office has decided: what a technician tried there before has no end of its own any more. */
function overruled(cures: Cures, managed: Managed): readonly KeptCure[] {
  const isOverruled = (change: KeptCure['changes'][number]): boolean => {
    if ('made' in change) return managed.rows.device.includes(change.made)
    const { device, key } = change
    if (device === undefined) return managed.tables.includes('gateway')
    return managed.rows.device.includes(device) && managed.site[device]?.some((each) => each === key) !== true
  }
  return cures.list().filter(({ changes }) => changes.some(isOverruled))
}
