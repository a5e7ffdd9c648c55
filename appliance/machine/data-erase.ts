import * as v from 'valibot'
import { type Ran, type RunCommand, runCommand } from './command.ts'
import { type Duty, DutyRefused, duty } from './duty.ts'

/** Of the package (INKPOST_DATA of its unit). */
const dataFolder = '/var/lib/inkpost'
const asked = v.strictObject({ step: v.picklist(['keys', 'rest'] as const) })

/**
 * Below the files only where the data has a partition of its own: what else lies on the system's is not the gateway's to
 * touch. `destroyNetwork`: of what this service keeps itself.
 */
export const dataEraseDuty = (destroyNetwork: () => void, run: RunCommand = runCommand): Duty =>
  duty<'data-erase'>(asked, async ({ step }) => {
    if (step === 'keys') destroyNetwork()
    const mount = await ownMount(run)
    if (mount === undefined) return { done: '' }
    return { done: step === 'keys' ? await eraseKeys(run, mount.source) : await discard(run, mount.target) }
  })

interface Mount {
  readonly source: string
  readonly target: string
}

async function ownMount(run: RunCommand): Promise<Mount | undefined> {
  const { status, out } = await run('findmnt', ['-n', '-r', '-o', 'SOURCE,TARGET', '-T', dataFolder])
  const [source, target] = out.trim().split(' ')
  if (status !== 0 || source === undefined || target === undefined || target === '/') return undefined
  // Of a bind mount: `/dev/mmcblk0p4[/inkpost]`.
  return { source: source.replace(/\[.*$/, ''), target }
}

/** Of `inkpost-encrypt-data`. Another one, below a /var of its own, holds the rest of the machine too. */
const encryptedName = 'inkpost-data'

/** With its slots the header loses every way to the key: cryptsetup-erase(8). */
async function eraseKeys(run: RunCommand, source: string): Promise<string> {
  if (source !== `/dev/mapper/${encryptedName}`) return ''
  const { out } = await run('cryptsetup', ['status', encryptedName])
  const [, device] = /^\s*type:\s+LUKS.*\n(?:.*\n)*?\s*device:\s+(\S+)/m.exec(out) ?? []
  if (device === undefined) return ''
  done(await run('cryptsetup', ['erase', '--batch-mode', '--disable-locks', device]), 'cryptsetup erase')
  return `the keys of the encrypted partition ${device} are erased`
}

async function discard(run: RunCommand, target: string): Promise<string> {
  const trimmed = await run('fstrim', ['-v', target])
  done(trimmed, 'fstrim')
  return trimmed.out.trim()
}

function done({ status, err }: Ran, what: string): void {
  if (status !== 0) throw new DutyRefused(`${what} failed: ${err.trim()}`)
}
