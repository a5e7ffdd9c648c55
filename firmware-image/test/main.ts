// `make image-test`: what the image does in machines; writes docs/image-test.md. `PARTS=boot` does one part.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Checks } from '../../test/package/checks.ts'
import { boards } from './boards.ts'
import { boot } from './boot.ts'
import { image } from './card.ts'
import { powerCuts } from './power/power-cuts.ts'
import { watchdogs } from './power/watchdogs.ts'
import { keepResult, report } from './report.ts'
import { slots } from './slots.ts'
import { update } from './update/update.ts'
import { withoutData } from './without-data.ts'

/** A part notes its checks and returns what it measured. */
type Part = (checks: Checks) => Promise<readonly string[]>
const parts: Readonly<Record<string, Part>> = {
  slots,
  boot,
  update,
  'without-data': withoutData,
  power: (checks) => powerCuts(image, checks),
  watchdog: (checks) => watchdogs(image, checks),
  boards,
}

process.env['PATH'] = `${process.env['PATH']}:/usr/sbin:/sbin`
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}: ${Object.keys(parts).join(', ')}`)
/** Of what is tested: the tests may have moved on. */
const commitFile = 'build/image/commit'
if (!existsSync(commitFile)) throw new Error(`${commitFile} is not there: make image`)
const commit = readFileSync(commitFile, 'utf8')
let failures = 0
for (const [name, part] of Object.entries(parts))
  if (asked.length === 0 || asked.includes(name)) await play(name, part)
writeFileSync('docs/image-test.md', report(Object.keys(parts)))
console.error(`${failures} checks failed`)
process.exitCode = failures === 0 ? 0 : 1

async function play(name: string, part: Part): Promise<void> {
  const checks = new Checks()
  const started = performance.now()
  // A machine that does not come up is a check that failed: the other parts are tried all the same.
  const facts = await part(checks).catch((error: unknown) => {
    checks.note(name, 'it went through to its end', false, String(error))
    return []
  })
  const minutes = Math.ceil((performance.now() - started) / 60_000)
  const day = new Date().toISOString().slice(0, 10)
  keepResult(name, { commit, day, minutes, checks: checks.all, facts })
  failures += checks.all.filter(({ passed }) => !passed).length
}
