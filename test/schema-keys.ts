import { documentSchema } from '../src/settings/schema.ts'

export interface SchemaKey {
  /** `quota.per_minute` for a key of a table within a row. */
  readonly name: string
  readonly isRequired: boolean
  /** As TOML writes it; undefined where there is none, or where it depends on the machine. */
  readonly default: string | undefined
}

/** What the schema library's values look like at run time; every part may be absent. */
type Node = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const part = (node: Node, name: string): Node => {
  const value = node[name]
  return isNode(value) ? value : {}
}

/** Without `optional` and list: the table or the value itself. */
function inner(node: Node): Node {
  if (node['type'] === 'optional') return inner(part(node, 'wrapped'))
  return node['type'] === 'array' ? inner(part(node, 'item')) : node
}

const isList = (node: Node): boolean =>
  node['type'] === 'optional' ? isList(part(node, 'wrapped')) : node['type'] === 'array'

function written(value: unknown): string | undefined {
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
  return isNode(value) ? undefined : JSON.stringify(value)
}

function keysOf(entries: Node, prefix = ''): readonly SchemaKey[] {
  return Object.keys(entries).flatMap((name): readonly SchemaKey[] => {
    const node = part(entries, name)
    const table = inner(node)
    if (table['type'] === 'variant') return []
    if (isNode(table['entries'])) return keysOf(part(table, 'entries'), `${prefix}${name}.`)
    const isRequired = node['type'] !== 'optional'
    return [{ name: prefix + name, isRequired, default: written(node['default']) }]
  })
}

/** Every table of the setup document by its heading (`[gateway]`, `[[device]]`, `Top level`) with its keys. */
export function schemaTables(): ReadonlyMap<string, readonly SchemaKey[]> {
  const tables = new Map<string, readonly SchemaKey[]>()
  const top: SchemaKey[] = []
  for (const [name, node] of Object.entries<Node>(entriesOf(documentSchema))) {
    const table = inner(node)
    const heading = isList(node) ? `[[${name}]]` : `[${name}]`
    if (isNode(table['entries'])) tables.set(heading, keysOf(part(table, 'entries')))
    else if (table['type'] !== 'custom') top.push(...keysOf({ [name]: node }))
  }
  return tables.set('Top level', top).set('[upstream.credential]', credentialKeys())
}

/** Tables that later versions may use. */
export const reservedTables = (): readonly string[] =>
  Object.entries<Node>(entriesOf(documentSchema)).flatMap(([name, node]) =>
    inner(node)['type'] === 'custom' ? [name] : [],
  )

function credentialKeys(): readonly SchemaKey[] {
  const variants = inner(part(upstreamEntries(), 'credential'))['options']
  if (!Array.isArray(variants)) throw new Error('the schema has no kinds of credentials')
  const keys = variants.filter(isNode).flatMap((variant) => keysOf(part(variant, 'entries')))
  return [...Map.groupBy(keys, ({ name }) => name).values()].flatMap((same) => {
    const [first] = same
    return first ? [{ ...first, isRequired: same.some(({ isRequired }) => isRequired) }] : []
  })
}

const entriesOf = (schema: { readonly entries: object }): Record<string, Node> =>
  Object.fromEntries(Object.entries(schema.entries).filter(([, node]) => isNode(node)))

const upstreamEntries = (): Node => part(inner(part(entriesOf(documentSchema), 'upstream')), 'entries')
