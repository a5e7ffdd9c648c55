import { connect } from 'node:net'
import { second } from '../core/time.ts'
import { build } from '../platform/build.ts'
import { settingsMigrations } from '../settings/settings-database.ts'
import { spoolMigrations } from '../spool/schema.ts'
import type { ListenerStatus } from '../submission/parts.ts'
import { BundlePlace } from '../update/bundle-place.ts'
import type { HealthTrouble } from '../update/ports.ts'
import { RecordFile } from '../update/record-file.ts'
import { Updates } from '../update/updates.ts'
import type { Stores } from './boot.ts'
import type { UpdateCareParts } from './update-care.ts'
import { openUrlWith } from './update-source.ts'

export function openUpdates(parts: UpdateCareParts): Updates {
  const { stores, machine, clock, log, alerts, signal } = parts
  const { settings, dataDir } = stores
  const setup = () => {
    const { url, window, automatic, ca_file: caFile } = settings.document.update
    return { url, window, automatic, caFile, timezone: settings.setup.gateway.timezone }
  }
  return new Updates({
    machine,
    clock,
    log,
    alerts,
    signal,
    setup,
    place: new BundlePlace(dataDir),
    file: new RecordFile(dataDir),
    running: build.version,
    schemas: { spool: latest(spoolMigrations), settings: latest(settingsMigrations) },
    open: openUrlWith(() => ({ caFile: setup().caFile, proxy: settings.setup.gateway.proxy })),
    troubles: () => troublesOf({ ...parts, spool: stores.spool }),
    record: (who, what) => settings.record(who, [what]),
  })
}

const latest = (steps: readonly { readonly version: number }[]): number =>
  Math.max(...steps.map(({ version }) => version))

type HealthParts = Pick<UpdateCareParts, 'submission' | 'machine' | 'consoleUrl'> & {
  readonly spool: Pick<Stores['spool'], 'isWritable'>
}

/** What a box has to do to be called healthy: every door opens, mail can be kept, and root's work can be asked for. */
export async function troublesOf(parts: HealthParts): Promise<readonly HealthTrouble[]> {
  const { submission, spool: mail, machine, consoleUrl } = parts
  const doors = await Promise.all(submission.listeners().map(doorTrouble))
  const spool = await mail.isWritable()
  const asked = await machine.call('duties', {})
  return [
    ...doors,
    { key: 'console', sentence: consoleUrl() === '' ? 'the console is not open' : '' },
    { key: 'spool', sentence: spool.writable ? '' : `the spool can't be written: ${spool.detail}` },
    { key: 'machine', sentence: asked.kind === 'done' ? '' : 'the machine service does not answer' },
  ].filter(({ sentence }) => sentence !== '')
}

/** Without a sentence where nothing is wrong. */
async function doorTrouble(listener: ListenerStatus): Promise<HealthTrouble> {
  return { key: `listener ${listener.name}`, sentence: await doorSentence(listener) }
}

async function doorSentence({ name, state, detail, address, port }: ListenerStatus): Promise<string> {
  if (state === 'failed') return `listener ${name} can't open port ${port}: ${detail}`
  return (await answers(address, port)) ? '' : `listener ${name} does not answer on port ${port}`
}

const answersWithinMs = 5 * second

/** As a device would, but that it says nothing. */
function answers(address: string, port: number): Promise<boolean> {
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (isOpen: boolean): void => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.setTimeout(answersWithinMs, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
