import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BoxIdentity, readIdentity } from '../../fleet/box-identity.ts'
import { isPublicText } from '../../fleet/keys.ts'
import { foreignTables, misplacedSeals, overlaid } from '../../fleet/parts.ts'
import { isSealed } from '../../fleet/seal.ts'
import { isTable, mapTexts, type Table } from '../../fleet/tables.ts'
import { errorCode } from '../../platform/durable-file.ts'
import { checkDocument, readToml } from '../../settings/parse.ts'
import { problemText } from '../../settings/problem.ts'
import { kept } from '../../settings/schema.ts'
import { secretSlots, slotText } from '../../settings/secret-slots.ts'

/** What is wrong with a folder, as a sentence with its place. */
export class FolderTrouble extends Error {
  override readonly name = 'FolderTrouble'
}

/** `fleet.toml` */
export interface FleetFile {
  readonly name: string
  readonly contact: string
  readonly canaries: readonly string[]
  /** By whom the next bundles are signed; empty: by the same. */
  readonly keys: readonly string[]
}

const fleetKeys = ['name', 'contact', 'canaries', 'keys']

export function readFleetFile(folder: string): FleetFile {
  const table = readTable(join(folder, 'fleet.toml'))
  const [odd] = Object.keys(table).filter((key) => !fleetKeys.includes(key))
  if (odd !== undefined) throw new FolderTrouble(`fleet.toml: ${odd}: unknown key`)
  const { name, contact = '' } = table
  if (typeof name !== 'string' || name === '') throw new FolderTrouble('fleet.toml: name: is required')
  if (typeof contact !== 'string') throw new FolderTrouble('fleet.toml: contact: must be text in quotes')
  const keys = textsIn(table, 'keys')
  const [wrong] = keys.filter((key) => !isPublicText(key))
  if (wrong !== undefined)
    throw new FolderTrouble(
      `fleet.toml: keys: ${JSON.stringify(wrong)} is no public key as \`fleet keys\` prints it`,
    )
  return { name, contact, keys, canaries: textsIn(table, 'canaries') }
}

function textsIn(table: Table, key: string): readonly string[] {
  const value = table[key] ?? []
  if (!Array.isArray(value) || value.some((item: unknown) => typeof item !== 'string'))
    throw new FolderTrouble(`fleet.toml: ${key}: must be a list of texts`)
  return value
}

const boxName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Of `boxes/NAME.toml`, in their order. */
export function boxNames(folder: string): readonly string[] {
  const names = namesIn(join(folder, 'boxes')).flatMap((file) =>
    file.endsWith('.toml') ? [file.slice(0, -5)] : [],
  )
  const [odd] = names.filter((name) => !boxName.test(name))
  if (odd !== undefined) throw new FolderTrouble(`boxes/${odd}.toml: no box has such a name (a-z 0-9 and -)`)
  if (names.length === 0)
    throw new FolderTrouble(`${join(folder, 'boxes')}: there is no NAME.toml of any box`)
  return names.toSorted()
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : [])

/** What one box is sent: its own part over the common one. Throws `FolderTrouble` with every problem. */
export function partsOf(folder: string, box: string): Table {
  const common = join(folder, 'common.toml')
  const parts = overlaid(
    existsSync(common) ? readTable(common) : {},
    readTable(join(folder, 'boxes', `${box}.toml`)),
  )
  const named = withName(parts, box)
  const troubles = troublesOf(named)
  if (troubles.length > 0) throw new FolderTrouble(troubles.map((trouble) => `${box}: ${trouble}`).join('\n'))
  return named
}

/** A bundle that sets `[gateway]` says the name too: by it the box knows that it is meant. */
function withName(parts: Table, box: string): Table {
  const { gateway } = parts
  if (!isTable(gateway)) return parts
  const { name = box } = gateway
  if (name !== box)
    throw new FolderTrouble(`${box}: gateway: name: is ${JSON.stringify(name)}, and the file says ${box}`)
  return { ...parts, gateway: { ...gateway, name } }
}

/** In the place of what only the box can open, where its form is judged. */
const placeholder = 'sealed'

function troublesOf(parts: Table): readonly string[] {
  const [foreign] = foreignTables(parts)
  if (foreign !== undefined)
    return [`${foreign}: stays the site's: operators, the network and [fleet] are no part of a bundle`]
  const misplaced = misplacedSeals(parts)
  if (misplaced.length > 0) return misplaced.map((place) => `${place}: is no place for a secret`)
  const opened = mapTexts(parts, (text) => (isSealed(text) ? placeholder : text))
  const parsed = checkDocument(isTable(opened) ? opened : {})
  if (parsed.kind === 'problems') return parsed.problems.map(problemText)
  return secretSlots(parsed.document)
    .filter(({ value }) => value !== undefined && value !== placeholder && value !== kept)
    .map((slot) => `${slotText(slot)}: must be sealed: \`inkpost fleet seal\``)
}

function readTable(file: string): Table {
  const read = readToml(readText(file))
  if (read.kind === 'value') return read.value
  throw new FolderTrouble(read.problems.map((problem) => `${file}: ${problemText(problem)}`).join('\n'))
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = errorCode(error)
    if (code === undefined) throw error
    throw new FolderTrouble(code === 'ENOENT' ? `${file}: is not there` : `${file}: cannot be read: ${code}`)
  }
}

/** Of `boxes/NAME.identity`: what `inkpost fleet identity` printed there. */
export function identityOf(folder: string, box: string): BoxIdentity {
  const file = join(folder, 'boxes', `${box}.identity`)
  const identity = readIdentity(readText(file))
  if (identity === undefined)
    throw new FolderTrouble(`${file}: is not what \`inkpost fleet identity\` prints`)
  return identity
}
