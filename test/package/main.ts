// `make deb-test`: what the packages do on machines; writes docs/package-test.md. Needs root, and Debian's mirror once.
// `PARTS=arm64` does one part.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import { buildArchive, commitEpoch, copyCheckout, type Debian, previousPackages } from './archives.ts'
import { booted } from './booted.ts'
import { bootedBox, boxArchiveOf } from './booted-box.ts'
import { Checks } from './checks.ts'
import { type Archives, life } from './life.ts'
import { lintian } from './lintian.ts'
import { isBooted, keepResult, type Part, parts, report } from './report.ts'

if (process.getuid?.() !== 0) {
  console.error('make deb-test makes roots of Debian and installs into them: run it as root')
  process.exit(1)
}
const asked = process.argv.slice(2)
const epoch = commitEpoch()
const commit = run('git', ['rev-parse', '--short=12', 'HEAD']).trim()
const previous = previousPackages()
const presentOf = remembered('this checkout', (architecture) => buildArchive('.', architecture, epoch))
const previousOf = remembered(previous.commit, previous.archive)
let failures = 0
const wanted = parts.filter((one) => asked.length === 0 || asked.includes(one))
for (const part of wanted.filter((one) => !isBooted(one))) await play(part)
// Together: each waits most of its time, for its own units and for trials to end.
await Promise.all(wanted.filter(isBooted).map(play))
writeFileSync('docs/package-test.md', report())
console.error(`${failures} checks failed`)
process.exitCode = failures === 0 ? 0 : 1

async function play(part: Part): Promise<void> {
  const checks = new Checks()
  const started = performance.now()
  const facts = await actOf(part, checks)
  const minutes = Math.ceil((performance.now() - started) / 60_000)
  const day = new Date().toISOString().slice(0, 10)
  keepResult(part, { commit, previous: previous.commit, day, minutes, checks: checks.all, facts })
  failures += checks.all.filter(({ passed }) => !passed).length
}

async function actOf(part: Part, checks: Checks): Promise<readonly string[]> {
  switch (part) {
    case 'identical':
      identical(checks)
      return []
    case 'amd64':
    case 'arm64':
      lintian(part, presentOf(part), checks)
      await life(part, archivesOf(part), checks)
      return []
    case 'booted':
      return await booted(archivesOf('amd64'), checks)
    case 'box':
      return await bootedBox(presentOf('amd64'), checks)
  }
}

function archivesOf(architecture: Debian): Archives {
  return { present: presentOf(architecture), previous: previousOf(architecture) }
}

type Build = (architecture: Debian) => string

/** Built once, when it is asked for. */
function remembered(tree: string, build: Build): Build {
  const built = new Map<Debian, string>()
  return (architecture) => {
    const there = built.get(architecture)
    if (there !== undefined) return there
    console.error(`Building ${architecture} of ${tree} …`)
    const made = build(architecture)
    built.set(architecture, made)
    return made
  }
}

/** Another folder, another umask, another time zone. */
function identical(checks: Checks): void {
  const elsewhere = resolve('build/cache/elsewhere')
  copyCheckout(elsewhere)
  for (const one of ['amd64', 'arm64'] as const) {
    const again = buildArchive(elsewhere, one, epoch, { INKPOST_UMASK: '077', TZ: 'Asia/Tokyo' })
    const present = presentOf(one)
    const isSame = (ours: string, its: string): boolean => readFileSync(ours).equals(readFileSync(its))
    checks.note(one, 'make deb in another folder makes the same octets', isSame(present, again))
    const boxes = isSame(boxArchiveOf(present), boxArchiveOf(again))
    checks.note(one, 'and the same octets of inkpost-box', boxes)
  }
}
