import type { LinkAddress, MachinePorts, NetworkView } from '../core/machine-network.ts'
import type { NetworkSheet, ToldAddress, TrialSheet } from '../core/network-operations.ts'
import type { RowChange } from '../core/setup-operations.ts'
import { act } from './act.ts'
import { type Call, onBox, show } from './call.ts'
import { writtenValue } from './device-changes.ts'
import { span } from './times.ts'
import { done, refusedBy, type Verdict, wrong } from './verdict.ts'

export function showNetwork(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const sheet = await operations.network()
    await show(call, sheet, () => sheetLines(sheet))
    return done
  })
}

function sheetLines({ machine, settings, trial, told, urls }: NetworkSheet): readonly string[] {
  return [
    ...(machine.kind === 'known'
      ? viewLines(machine.view)
      : [`The network is not ours to set: ${machine.reason}`]),
    settings === null
      ? 'setup      no [network]: what the machine came with'
      : `setup      ${JSON.stringify(settings)}`,
    ...urls.map((url) => `console    ${url}`),
    ...told.map(toldLine),
    ...(trial ? trialLines(trial) : []),
  ]
}

const viewLines = ({
  ports,
  link,
  hardware,
  hasCarrier,
  addresses,
  gateways,
  dns,
  ntp,
  hasTime,
}: NetworkView) => [
  `ports      ${portWords(ports)}`,
  `link       ${link}  ${hardware}${hasCarrier ? '' : '  NO CABLE'}`,
  ...addresses.map(addressLine),
  `router     ${gateways.join(', ') || 'none'}`,
  `dns        ${dns.join(', ') || 'none'}`,
  `time       ${ntp.join(', ') || 'no server named'}: ${hasTime ? 'heard' : 'not heard yet'}`,
]

const portWords = ({ cable, radio }: MachinePorts): string =>
  [
    ...cable.map((name) => `${name} (cable)`),
    ...(radio.length > 0 ? radio.map((name) => `${name} (Wi-Fi)`) : ['no Wi-Fi']),
  ].join(', ')

const addressLine = ({ address, prefix, origin }: LinkAddress): string =>
  `address    ${address}/${prefix}  ${origin}`

const states = {
  own: 'devices were told it',
  held: 'of before, held for devices that were told it',
  lost: 'devices were told it, and the box does not have it',
} as const

const toldLine = ({ address, state }: ToldAddress): string => `told       ${address}  ${states[state]}`

const trialLines = ({ leftMs, urls }: TrialSheet): readonly string[] => [
  `ON TRIAL   for ${span(leftMs)} more, then the network of before comes back`,
  ...(urls.length > 0 ? urls : ['the address that the router gives']).map((url) => `keep it at ${url}`),
]

/** Keys change the present `[network]`, as the setup document writes them; `wifi.ssid=office`. */
export function tryNetwork(call: Call, words: readonly string[], isOwn: boolean): Promise<Verdict> {
  const odd = words.find((word) => word.indexOf('=') < 1)
  if (odd !== undefined) return Promise.resolve(wrong(`${odd} is no KEY=VALUE such as method=dhcp`))
  if (isOwn === words.length > 0) return Promise.resolve(wrong('name keys such as method=dhcp, or --own'))
  return onBox(call, async (operations) => {
    const row = isOwn ? null : changed((await operations.network()).settings ?? {}, words)
    const result = await operations.tryNetwork(row, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => trialLines(result.trial))
    return done
  })
}

function changed(row: RowChange, words: readonly string[]): RowChange {
  return words.reduce<RowChange>((before, word) => {
    const at = word.indexOf('=')
    return withKey(before, word.slice(0, at).split('.'), writtenValue(word.slice(at + 1)))
  }, row)
}

function withKey(
  row: RowChange,
  [key = '', ...rest]: readonly string[],
  value: RowChange[string],
): RowChange {
  const { [key]: old, ...others } = row
  if (rest.length > 0) return { ...others, [key]: withKey(isTable(old) ? old : {}, rest, value) }
  return value === null ? others : { ...others, [key]: value }
}

const isTable = (value: RowChange[string] | undefined): value is RowChange =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function keepNetwork(call: Call): Promise<Verdict> {
  return act(call, (operations) => operations.keepNetwork(cameBy(call), call.world.who), 'Kept.')
}

/** sshd's `client port server port`: the box's address is the third; empty for who is at the machine. */
const cameBy = ({ world }: Call): string => world.environment['SSH_CONNECTION']?.split(' ')[2] ?? ''

export const undoNetwork = (call: Call): Promise<Verdict> =>
  act(call, (operations) => operations.undoNetwork(call.world.who), 'The network of before is back.')

export const forgetAddress = (call: Call, address: string): Promise<Verdict> =>
  act(call, (operations) => operations.forgetAddress(address, call.world.who), `${address} is let go.`)

export function setClock(call: Call, wallMs: number | undefined): Promise<Verdict> {
  if (wallMs === undefined) return Promise.resolve(wrong('a time is written as 2026-11-29T08:00:00Z'))
  return act(call, (operations) => operations.setClock(wallMs, call.world.who), 'The clock is set.')
}
