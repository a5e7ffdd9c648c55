import type { MenuWay } from '../../src/core/screen-menu.ts'
import type { DocumentValue, RowChange } from '../../src/core/setup-operations.ts'

/** The lines of the form, by what they are called in `[network]`. `link`: which port the network comes by. */
export const formKeys = [
  'link',
  'method',
  'address',
  'gateway',
  'dns',
  'vlan',
  'wifi.ssid',
  'wifi.passphrase',
  'wifi.country',
] as const
export type FormKey = (typeof formKeys)[number]
export type FormFields = Readonly<Record<FormKey, string>>

export interface FormLine {
  readonly key: FormKey
  readonly label: string
  readonly hint: string
  /** Undefined: it is typed. */
  readonly choices?: readonly string[]
  readonly isSecret?: boolean
  readonly isShown: (fields: FormFields) => boolean
}

const always = (): boolean => true
const byHand = ({ method }: FormFields): boolean => method === 'static'
const byCable = ({ link }: FormFields): boolean => link === 'cable'
const byAir = ({ link }: FormFields): boolean => link === 'Wi-Fi'

const lines: readonly FormLine[] = [
  {
    key: 'link',
    label: 'Connected by',
    hint: 'left and right choose',
    choices: ['cable', 'Wi-Fi'],
    isShown: always,
  },
  { key: 'wifi.ssid', label: 'Wi-Fi name', hint: 'as the router shows it', isShown: byAir },
  {
    key: 'wifi.passphrase',
    label: 'Passphrase',
    hint: 'Ctrl-R shows it; empty: as before, or an open network',
    isSecret: true,
    isShown: byAir,
  },
  { key: 'wifi.country', label: 'Country', hint: 'two letters, such as DE', isShown: byAir },
  { key: 'vlan', label: 'VLAN', hint: '1 to 4094; empty: none', isShown: byCable },
  {
    key: 'method',
    label: 'Address by',
    hint: 'left and right choose',
    choices: ['dhcp', 'static'],
    isShown: always,
  },
  { key: 'address', label: 'Address', hint: 'with its prefix: 192.168.7.5/24', isShown: byHand },
  { key: 'gateway', label: 'Gateway', hint: 'the router: 192.168.7.1', isShown: byHand },
  { key: 'dns', label: 'DNS', hint: 'several with blanks; empty: as DHCP says', isShown: always },
]

export interface Filling {
  readonly fields: FormFields
  /** What this machine has ports for. */
  readonly ways: readonly MenuWay[]
}

/** What the present choices ask for, from top to bottom. */
export const formLines = ({ fields, ways }: Filling): readonly FormLine[] =>
  lines
    .filter(({ isShown }) => isShown(fields))
    .map((line) => (line.key === 'link' ? linkLine(line, fields, ways) : line))

/** Settings of another machine may name what this one lacks: it can be chosen away, and not chosen. */
function linkLine(line: FormLine, { link }: FormFields, ways: readonly MenuWay[]): FormLine {
  const choices = (line.choices ?? []).filter((way) => way === link || ways.some((each) => each === way))
  const lacking = (line.choices ?? []).find((way) => !ways.some((each) => each === way))
  return lacking === undefined ? line : { ...line, choices, hint: `this machine has no ${lacking}` }
}

/** What the box has now. A secret that is kept is not shown: an empty line leaves it. */
export function fieldsOf(row: RowChange | null, ways: readonly MenuWay[]): FormFields {
  const wifi = tableOf(row?.['wifi'])
  return {
    link: wifi === undefined && ways.includes('cable') ? 'cable' : 'Wi-Fi',
    method: row?.['method'] === 'static' ? 'static' : 'dhcp',
    address: typed(row?.['address']),
    gateway: typed(row?.['gateway']),
    dns: typed(row?.['dns']),
    vlan: typed(row?.['vlan']),
    'wifi.ssid': typed(wifi?.['ssid']),
    'wifi.passphrase': '',
    'wifi.country': typed(wifi?.['country']),
  }
}

const typed = (value: DocumentValue | undefined): string =>
  Array.isArray(value) ? value.join(' ') : String(value ?? '')

/** `[network]` as it is to be; what the form does not ask for stays as it was. */
export function rowOf(fields: FormFields, before: RowChange | null): RowChange {
  const {
    method: _m,
    address: _a,
    gateway: _g,
    dns: _d,
    vlan: _v,
    wifi,
    port_access,
    ...others
  } = before ?? {}
  const text = (key: FormKey): string => fields[key].trim()
  const isFixed = byHand(fields)
  return filled({
    ...others,
    method: text('method'),
    address: isFixed ? text('address') : '',
    gateway: isFixed ? text('gateway') : '',
    dns: text('dns')
      .split(/[\s,;]+/)
      .filter(Boolean),
    // What is no number is left to the gateway, which says so.
    vlan: byAir(fields) ? '' : /^\d+$/.test(text('vlan')) ? Number(text('vlan')) : text('vlan'),
    wifi: byAir(fields) ? wifiOf(fields, tableOf(wifi)) : '',
    // 802.1X is of the cable.
    port_access: byAir(fields) ? '' : (port_access ?? ''),
  })
}

function wifiOf(fields: FormFields, before: RowChange | undefined): RowChange {
  const ssid = fields['wifi.ssid']
  const isSame = before?.['ssid'] === ssid
  return filled({
    ssid,
    passphrase: fields['wifi.passphrase'] || (isSame ? (before?.['passphrase'] ?? '') : ''),
    country: fields['wifi.country'].trim().toUpperCase(),
  })
}

/** What is empty is left out: the default. */
const filled = (row: RowChange): RowChange =>
  Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0)),
  )

const tableOf = (value: DocumentValue | undefined): RowChange | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RowChange) : undefined
