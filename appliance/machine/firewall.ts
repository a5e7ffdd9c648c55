import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { FirewallPorts } from '../../src/core/machine.ts'
import { writeDurably } from '../../src/platform/durable-file.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'

/** Made by inkpost-firewall.service: where it is not, nobody closed this machine. */
const closedFolder = '/run/inkpost-firewall'
/** Many more than a box has listeners and ways out. */
const mostPorts = 64

const ports = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  v.maxLength(mostPorts),
)
const asked = v.strictObject({ entrances: ports, tcp: ports, udp: ports })

/** Puts the ports into the sets of appliance/firewall/inkpost.nft, in one transaction; a reload finds them in a file. */
export const firewallDuty = (folder = closedFolder, load: (rules: string) => Promise<void> = nft): Duty =>
  duty<'firewall-set'>(asked, async (wanted) => {
    if (!existsSync(folder)) return { isClosed: false }
    const rules = portRules(wanted)
    await load(rules)
    writeDurably(join(folder, 'ports.nft'), rules)
    return { isClosed: true }
  })

/** Statements of nft(8): empties each set and fills it. */
export const portRules = ({ entrances, tcp, udp }: FirewallPorts): string =>
  [setOf('entrances', entrances), setOf('dialled_tcp', tcp), setOf('dialled_udp', udp)].join('')

function setOf(name: string, members: readonly number[]): string {
  const elements = [...new Set(members)].toSorted((a, b) => a - b).join(', ')
  const added = elements === '' ? '' : `add element inet inkpost ${name} { ${elements} }\n`
  return `flush set inet inkpost ${name}\n${added}`
}

async function nft(rules: string): Promise<void> {
  const child = spawn('/usr/sbin/nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece
  })
  // It may end before it has read everything; what it says of that is told.
  child.stdin.on('error', () => {}).end(rules)
  const [code] = await once(child, 'close').catch((error: unknown) => {
    throw new DutyRefused(`nft can't be run: ${String(error)}`)
  })
  if (code !== 0) throw new DutyRefused(`nft took none of it: ${said.split('\n')[0]}`)
}
