// `make deb-test`: what the packages do on machines; writes docs/package-test.md. Needs root, and Debian's mirror once.
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from '../../appliance/package/run.ts'
import { buildArchive, commitEpoch, copyCheckout, type Debian, previousPackages } from './archives.ts'
import { booted } from './booted.ts'
import { type Check, Checks } from './checks.ts'
import { type Archives, life } from './life.ts'
import { lintian } from './lintian.ts'

if (process.getuid?.() !== 0) {
  console.error('make deb-test makes roots of Debian and installs into them: run it as root')
  process.exit(1)
}
const parts = process.argv.slice(2)
const isAsked = (part: string): boolean => parts.length === 0 || parts.includes(part)
const both: readonly Debian[] = ['amd64', 'arm64']
const checks = new Checks()
const started = performance.now()
const epoch = commitEpoch()
const previous = previousPackages()
const archives = new Map<Debian, Archives>()
for (const one of both.filter((name) => isAsked(name) || (name === 'amd64' && isAsked('booted')))) {
  console.error(`Building ${one}, and ${one} of ${previous.commit} …`)
  archives.set(one, { present: buildArchive('.', one, epoch), previous: previous.archive(one) })
}
if (isAsked('identical')) identical()
for (const [one, pair] of archives) {
  lintian(one, pair.present, checks)
  if (isAsked(one)) await life(one, pair, checks)
}
const pair = archives.get('amd64')
const facts = pair !== undefined && isAsked('booted') ? await booted(pair, checks) : []
const failures = checks.all.filter(({ passed }) => !passed)
if (parts.length === 0) writeFileSync('docs/package-test.md', report())
console.error(`${checks.all.length} checks, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1

/** Another folder, another umask, another time zone. */
function identical(): void {
  const elsewhere = resolve('build/cache/elsewhere')
  copyCheckout(elsewhere)
  for (const [one, { present }] of archives) {
    const again = buildArchive(elsewhere, one, epoch, { INKPOST_UMASK: '077', TZ: 'Asia/Tokyo' })
    const isSame = readFileSync(present).equals(readFileSync(again))
    checks.note(one, 'make deb in another folder makes the same octets', isSame)
  }
}

function report(): string {
  const minutes = ((performance.now() - started) / 60_000).toFixed(0)
  const day = new Date().toISOString().slice(0, 10)
  const row = ({ place, name, passed, detail }: Check): string =>
    `| ${place} | ${name} | ${passed ? 'ok' : '**not ok**'}${passed ? '' : `: ${detail.replaceAll('|', '\\|').slice(0, 300)}`} |`
  return `# The package on machines

Written by \`make deb-test\` on ${day}, ${minutes} minutes: this commit's package and that of ${previous.commit}; ${run('qemu-system-x86_64', ['--version']).split('\n')[0]}. amd64 and arm64 (by qemu-user) are Debian trixie without a running systemd; the booted machine has 512 MB, 2 emulated processors and no network.

${facts.map((fact) => `- ${fact}`).join('\n')}

| machine | what | result |
| --- | --- | --- |
${checks.all.map(row).join('\n')}
`
}
