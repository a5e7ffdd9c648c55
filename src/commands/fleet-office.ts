import { join } from 'node:path'
import type { Done } from '../core/operations.ts'
import { type Call, show } from './call.ts'
import { firstLine } from './password.ts'
import { oneLine } from './plain-text.ts'
import { done, refusedBy, type Verdict, wrong } from './verdict.ts'

export interface OfficeChoice {
  readonly folder: string
  readonly statuses?: string
}

export interface SignChoice {
  readonly key: readonly string[]
  readonly out?: string
  /** 0: what was typed is no number. */
  readonly serial?: number
}

export interface ReleaseChoice {
  readonly key: readonly string[]
  readonly statuses: string
  readonly folder: string
  readonly out?: string
  readonly anyway: boolean
}

const notASerial = wrong('a serial is a whole number above 0')

const passphraseOf = ({ world }: Call): string => world.environment['INKPOST_PASSPHRASE'] ?? ''
const office = async ({ world }: Call) => (await world.loadGateway()).headOffice()

async function tell<T extends object>(
  call: Call,
  result: Done<T>,
  lines: (result: T) => readonly string[],
): Promise<Verdict> {
  if (result.kind === 'refused') return refusedBy(result)
  await show(call, result, () => lines(result))
  return done
}

/** `fleet keys FILE` */
export async function fleetKeys(call: Call, file: string): Promise<Verdict> {
  return tell(call, (await office(call)).makeKey(file, passphraseOf(call)), ({ publicKey }) => [publicKey])
}

/** `fleet sign FOLDER` */
export async function fleetSign(call: Call, folder: string, choice: SignChoice): Promise<Verdict> {
  const { key: keys, out = join(folder, 'published'), serial } = choice
  if (serial === 0) return notASerial
  const now = call.world.clock.wall()
  const wish = { folder, keys, passphrase: passphraseOf(call), out, serial, now }
  return tell(call, (await office(call)).sign(wish), (signed) => [
    `serial ${signed.serial} for ${signed.boxes.length} boxes is in ${oneLine(out)}: canaries take it with their next look`,
  ])
}

/** `fleet release SERIAL` */
export async function fleetRelease(call: Call, serial: number, choice: ReleaseChoice): Promise<Verdict> {
  const { key: keys, folder, out = join(folder, 'published'), statuses } = choice
  if (serial === 0) return notASerial
  const now = call.world.clock.wall()
  const released = (await office(call)).release({
    folder,
    keys,
    passphrase: passphraseOf(call),
    out,
    statuses,
    serial,
    isAnyway: choice.anyway,
    now,
  })
  return tell(call, released, () => [`serial ${serial} is released: every box takes it with its next look`])
}

/** `fleet seal BOX` */
export async function fleetSeal(call: Call, box: string, folder: string): Promise<Verdict> {
  const secret = await firstLine(call.world)
  if (secret === undefined || secret === '') return wrong('there is no secret on stdin')
  return tell(call, (await office(call)).seal(folder, box, secret), ({ sealed }) => [sealed])
}
