import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FleetStatus } from '../../core/fleet.ts'
import { boxMoods } from '../../core/fleet.ts'
import type { HeadOffice, KeyWish, ReleaseWish, SignWish, ToldBox } from '../../core/head-office.ts'
import type { Done } from '../../core/operations.ts'
import { type Bundle, bundleFile, type MarkKind, markFile, readMark } from '../../fleet/bundle.ts'
import { keyPem, makeSigningKey, readSigningKey, type SigningKey } from '../../fleet/keys.ts'
import { sealFor } from '../../fleet/seal.ts'
import { signFile } from '../../fleet/signed-file.ts'
import { readStatus, releaseTroubles, silentAfterMs } from '../../fleet/status.ts'
import { writeDurably } from '../../platform/durable-file.ts'
import { boxNames, FolderTrouble, identityOf, partsOf, readFleetFile, readText } from './fleet-folder.ts'

/** What head office does with its folder. */
export const headOffice: HeadOffice = {
  makeKey: (file, passphrase) =>
    told(() => {
      if (existsSync(file)) throw new FolderTrouble(`${file}: is there already: boxes may know it`)
      const key = makeSigningKey()
      writeDurably(file, keyPem(key, passphrase), 0o600)
      return { publicKey: key.publicText }
    }),
  sign: (wish) => told(() => sign(wish)),
  release: (wish) => told(() => release(wish)),
  seal: (folder, box, secret) => told(() => ({ sealed: sealFor(box, identityOf(folder, box), secret) })),
  told: (folder, statuses, now) =>
    told(() => ({
      boxes: boxNames(folder)
        .map((name) => toldBox(name, statusOf(folder, statuses, name), now))
        .toSorted((one, other) => boxMoods.indexOf(one.mood) - boxMoods.indexOf(other.mood)),
    })),
}

/** What is wrong with the folder is wrong input: nothing was written. */
function told<T>(work: () => T): Done<T> {
  try {
    return { kind: 'done', ...work() }
  } catch (error) {
    if (!(error instanceof FolderTrouble)) throw error
    return { kind: 'refused', reason: error.message, isWrongInput: true }
  }
}

function openKeys({ keys, passphrase }: KeyWish): readonly SigningKey[] {
  return keys.map((file) => {
    const key = readSigningKey(readText(file), passphrase)
    if (key === undefined)
      throw new FolderTrouble(
        `${file}: is no key of \`fleet keys\`, or another passphrase (INKPOST_PASSPHRASE) opens it`,
      )
    return key
  })
}

/** The mark comes last: who looks meanwhile finds the bundles of the serial before. */
function sign(wish: SignWish): { readonly serial: number; readonly boxes: readonly string[] } {
  const { folder, out, now } = wish
  const keys = openKeys(wish)
  const { name: fleet, contact, keys: nextKeys } = readFleetFile(folder)
  if (nextKeys.length > 0 && !keys.some(({ publicText }) => nextKeys.includes(publicText)))
    throw new FolderTrouble(
      'fleet.toml: keys: none of them signs here (--key): no box could be reached again if nobody has them',
    )
  const last = lastMark('newest', out, keys)
  const serial = wish.serial ?? last + 1
  if (serial <= last)
    throw new FolderTrouble(
      `serial ${serial} is not above ${last}, which is published: boxes would refuse it`,
    )
  const boxes = boxNames(folder)
  const bundles = boxes.map((box): Bundle => {
    const parts = partsOf(folder, box)
    return { fleet, contact, box, serial, made: now, keys: nextKeys, parts }
  })
  for (const bundle of bundles) publish(out, bundleFile(serial, bundle.box), signFile('bundle', bundle, keys))
  publish(out, markFile('newest'), signFile('newest', { serial }, keys))
  tidy(out, lastMark('released', out, keys))
  return { serial, boxes }
}

/** Folders below what is released are asked for by nobody. */
function tidy(out: string, released: number): void {
  for (const name of readdirSync(out))
    if (/^\d+$/.test(name) && Number(name) < released) rmSync(join(out, name), { recursive: true })
}

function release(wish: ReleaseWish): { readonly serial: number } {
  const { folder, out, statuses, serial } = wish
  const keys = openKeys(wish)
  const { canaries } = readFleetFile(folder)
  if (!existsSync(join(out, String(serial)))) throw new FolderTrouble(`serial ${serial} is not in ${out}`)
  const last = lastMark('released', out, keys)
  if (serial < last) throw new FolderTrouble(`serial ${last} is released, which is newer`)
  const told = canaries.map((name) => ({ name, status: statusOf(folder, statuses, name) }))
  const troubles = releaseTroubles(told, wish)
  if (troubles.length > 0)
    throw new FolderTrouble(`serial ${serial} stays with the canaries: ${troubles.join('; ')}`)
  publish(out, markFile('released'), signFile('released', { serial }, keys))
  return { serial }
}

/** 0: there is none yet. */
function lastMark(kind: MarkKind, out: string, keys: readonly SigningKey[]): number {
  const file = join(out, markFile(kind))
  if (!existsSync(file)) return 0
  const mark = readMark(
    kind,
    readText(file),
    keys.map(({ publicText }) => publicText),
  )
  if (mark.kind === 'mark') return mark.serial
  throw new FolderTrouble(
    `${file}: was not signed with this key: name --serial above it in another folder, or sign with both keys`,
  )
}

function publish(out: string, name: string, text: string): void {
  const file = join(out, name)
  mkdirSync(dirname(file), { recursive: true })
  writeDurably(file, text, 0o644)
}

function statusOf(folder: string, statuses: string, name: string): FleetStatus | undefined {
  const file = join(statuses, `${name}.json`)
  return existsSync(file) ? readStatus(readText(file), identityOf(folder, name), name) : undefined
}

function toldBox(name: string, status: FleetStatus | undefined, now: number): ToldBox {
  if (status === undefined)
    return { name, mood: 'silent', serial: 0, canary: false, says: 'has told nothing that it signed' }
  const { serial, canary, at } = status
  const box = { name, serial, canary }
  if (Math.abs(now - at) > silentAfterMs)
    return {
      ...box,
      mood: 'silent',
      says: `${at > now ? 'its clock is ahead: it says' : 'silent since'} ${new Date(at).toISOString()}`,
    }
  return { ...box, ...moodOf(status) }
}

function moodOf({
  state,
  reason,
  paused,
  alarms,
  warnings,
  waiting,
}: FleetStatus): Pick<ToldBox, 'mood' | 'says'> {
  const says = `${alarms} alarms, ${warnings} warnings, ${waiting} mails wait, ${paused} ways out paused`
  if (state === 'rolled-back')
    return { mood: 'bad', says: `gave back what was published (${reason}); ${says}` }
  if (alarms > 0 || paused > 0) return { mood: 'bad', says }
  if (state === 'refused') return { mood: 'warn', says: `refused what was published (${reason}); ${says}` }
  return { mood: warnings > 0 ? 'warn' : 'good', says }
}
