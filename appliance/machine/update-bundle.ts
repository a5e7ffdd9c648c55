import { lstatSync } from 'node:fs'
import * as v from 'valibot'
import type { BundleView, Inspected, InstallProgress, SchemaSpan } from '../../src/core/machine-update.ts'
import { compareVersions, isVersion } from '../../src/core/version.ts'
import { DutyRefused } from './duty.ts'
import { lastLine, needSlots, slotsOf } from './update-slots.ts'
import type { UpdateWorld } from './update-world.ts'

const service = ['de.pengutronix.rauc', '/', 'de.pengutronix.rauc.Installer'] as const
const info = v.object({ compatible: v.string(), version: v.string(), build: v.nullish(v.string()) })

/** What a bundle is, if its signature is good; nothing in it is run. `running`: the version of this program. */
export async function inspect(world: UpdateWorld, running: string): Promise<Inspected> {
  needSlots(world)
  needBundle(world)
  const said = await world.run('rauc', ['info', '--output-format=json', world.bundle])
  if (said.status !== 0) return whyRefused(said.err)
  const { compatible, version, build } = v.parse(info, JSON.parse(said.out))
  const { compatible: own } = await slotsOf(world)
  if (compatible !== own) return unfit(`the bundle is for ${oneWord(compatible)}, and this machine is ${own}`)
  if (!isVersion(version)) return unfit('the bundle has no version that could be compared')
  if (compareVersions(version, running) < 0)
    return unfit(`the bundle has version ${version}, which is older than ${running}, which runs here`)
  return { kind: 'bundle', bundle: { version, compatible, ...builtOf(build ?? '') } }
}

const unfit = (sentence: string): Inspected => ({ kind: 'unfit', sentence })

/** A link would lead the installer elsewhere; it would still take nothing without a good signature. */
function needBundle({ bundle }: UpdateWorld): void {
  if (lstatSync(bundle, { throwIfNoEntry: false })?.isFile() !== true)
    throw new DutyRefused('there is no bundle that could be installed')
}

const oneWord = (text: string): string => text.replaceAll(/[^\w.-]/g, '?').slice(0, 60)

/** `2026-11-29T10:00:00Z+spool.10.1.settings.7.1`: when it was built; what it leaves, and which schema still reads that. */
const buildPattern =
  /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\+spool\.(\d{1,4})\.(\d{1,4})\.settings\.(\d{1,4})\.(\d{1,4})$/

function builtOf(build: string): Pick<BundleView, 'built' | 'schemas'> {
  const [, built, ...numbers] = buildPattern.exec(build) ?? []
  if (built === undefined) return { built: '', schemas: null }
  const [spool, spoolFrom, settings, settingsFrom] = numbers.map(Number)
  return { built, schemas: { spool: spanOf(spool, spoolFrom), settings: spanOf(settings, settingsFrom) } }
}

const spanOf = (version = 0, readableFrom = 0): SchemaSpan => ({ version, readableFrom })

/** As the clock of the box has it, which somebody may set. */
const untimely = /certificate has expired|not yet valid/i

/** rauc's own words of the file in the words of a person; those of OpenSSL are in them. */
const refusals: readonly (readonly [RegExp, string])[] = [
  [/Verify error|certificate/i, 'the bundle is not signed by a key that this box trusts'],
  [/digest|CMS|signature verif/i, 'the bundle was changed after it was signed, or is damaged'],
  [
    /format.*not (allowed|supported)|unsupported bundle/i,
    'the bundle is of a kind that this box does not take',
  ],
  [/identifier|signature size|too small|invalid/i, 'the file is no bundle, or not a whole one'],
]

/** Throws `DutyRefused` where it is not the file's fault, or nobody knows whose. */
function whyRefused(said: string): Inspected {
  const words = lastLine(said)
  if (untimely.test(words))
    throw new DutyRefused(
      'the certificate of the bundle is not valid at the time that this box has: look at its clock',
    )
  const [, sentence] = refusals.find(([sign]) => sign.test(words)) ?? []
  if (sentence === undefined) throw new DutyRefused(`the bundle can't be read: ${words}`)
  return unfit(sentence)
}

/** Begins it; rauc's own service does the work, whatever becomes of who asked. */
export async function install(world: UpdateWorld, running: string): Promise<void> {
  if ((await progress(world)).isAtWork) throw new DutyRefused('an installation is at work already')
  const inspected = await inspect(world, running)
  if (inspected.kind === 'unfit') throw new DutyRefused(inspected.sentence)
  const begun = await world.run('busctl', ['call', ...service, 'InstallBundle', 'sa{sv}', world.bundle, '0'])
  if (begun.status !== 0) throw new DutyRefused(`the installation did not begin: ${lastLine(begun.err)}`)
}

const property = v.object({ data: v.unknown() })
const percentage = v.pipe(
  v.array(v.unknown()),
  v.transform(([percent]) => Number(percent)),
)

export async function progress(world: UpdateWorld): Promise<InstallProgress> {
  needSlots(world)
  const names = ['Operation', 'Progress', 'LastError']
  const said = await world.run('busctl', ['--json=short', 'get-property', ...service, ...names])
  if (said.status !== 0) throw new DutyRefused(`the installer does not answer: ${lastLine(said.err)}`)
  const [operation, done, error] = said.out
    .trim()
    .split('\n')
    .map((line) => v.parse(property, JSON.parse(line)).data)
  return {
    isAtWork: operation !== 'idle',
    percent: v.parse(percentage, done),
    error: whyFailed(v.parse(v.string(), error)),
  }
}

/** What was signed is checked block by block while it is written (dm-verity). */
function whyFailed(said: string): string {
  if (/Input\/output error/i.test(said)) return 'the bundle was changed after it was signed, or is damaged'
  return said.slice(0, 300)
}
